/** The part of WebAssembly that is used here: neither the language nor Node declares it. All of it is synchronous and pure. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
}

const PAGE = 65_536

/** A module of the text that `npm run build:wasm` wrote; undefined where the machine has no WebAssembly with 128-bit vectors. */
export function compileModule(base64: string): object | undefined {
  if (typeof WebAssembly !== 'object') return undefined
  const bytes = bytesOfBase64(base64)
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined
}

/** A module at work in new memory of at least so many bytes. With nothing else imported it can reach nothing else. */
export function instantiate<Exports extends object>(
  module: object,
  bytes: number,
): { readonly exports: Exports; readonly buffer: ArrayBuffer } {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) })
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return { exports: exports as Exports, buffer: memory.buffer }
}

function bytesOfBase64(text: string): Uint8Array {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const length = text.indexOf('=') < 0 ? text.length : text.indexOf('=')
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let bits = 0
  for (let i = 0, at = 0; i < length; i++) {
    bits = (bits << 6) | digits.indexOf(text[i] as string)
    // Of four digits, all but the first complete a byte.
    if (i % 4 !== 0) bytes[at++] = bits >> (2 * (3 - (i % 4)))
  }
  return bytes
}
