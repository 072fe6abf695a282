import { Help, type Option } from 'commander'

/** An option in the help: its words, and its default where they do not say one already. An empty list is no default to speak of. */
export function optionDescription(option: Option): string {
  const { description, defaultValue } = option
  const isEmptyList = Array.isArray(defaultValue) && defaultValue.length === 0
  return isEmptyList || description.includes('default:') ? description : new Help().optionDescription(option)
}
