import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CheckError, ConfigError, DataError } from '../../core/errors.js'

const PRIVATE_FILE = 'promotion-key.pem'
const PUBLIC_FILE = 'promotion-key.public.pem'
/** Bits of a file's mode by which others may read it. */
const OTHERS = 0o077

/** Where the key lies unless somebody says otherwise: with the user's settings, never with the code or the runs. */
export function defaultKeyFolder(environment: NodeJS.ProcessEnv, home: string): string {
  const { XDG_CONFIG_HOME: settings } = environment
  return join(settings === undefined || settings === '' ? join(home, '.config') : settings, 'baleen')
}

/**
 * The private key, PEM; made, with the public one beside it, where there is none. Throws ConfigError where the folder lies in a repository, since whoever can change the code could then
 * sign for it, and DataError where others may read the key.
 */
export async function signingKey(folder: string): Promise<{ readonly key: string; readonly isNew: boolean }> {
  const repository = repositoryOf(folder)
  if (repository !== undefined)
    throw new ConfigError(`the key that vouches for code must not lie with code: ${repository} is a repository`, { field: '--key', value: folder }) // prettier-ignore
  const file = join(folder, PRIVATE_FILE)
  if (!existsSync(file)) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(folder, PUBLIC_FILE), publicKey, { mode: 0o644 })
    await writeFile(file, privateKey, { mode: 0o600, flag: 'wx' })
    return { key: privateKey, isNew: true }
  }
  const { mode } = await stat(file)
  if ((mode & OTHERS) !== 0)
    throw new DataError(`others may read this key: chmod 600, or remove it and promote anew`, { file, field: 'mode', value: (mode & 0o777).toString(8) }) // prettier-ignore
  return { key: await readFile(file, 'utf8'), isNew: false }
}

/** The public key that records must be signed by. Throws CheckError where there is none: nothing was promoted on this machine. */
export async function trustedKey(folder: string): Promise<string> {
  const file = join(folder, PUBLIC_FILE)
  if (!existsSync(file)) throw new CheckError('nothing was promoted with this key folder: baleen promote RUN --to paper', { file }) // prettier-ignore
  return readFile(file, 'utf8')
}

function repositoryOf(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return undefined
  }
}
