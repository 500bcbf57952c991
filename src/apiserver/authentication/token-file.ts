import type { UserInfo } from '../../api/user.ts'

/**
 * Reads `token,user,uid,"group1,group2"` lines (apiserver pkg/authentication/token/tokenfile). `warn` is told of lines that
 * count for nothing, never of a token. Throws an Error that names the file.
 */
export function readTokenFile(text: string, path: string, warn: (message: string) => void): Map<string, UserInfo> {
  const tokens = new Map<string, UserInfo>()
  let number = 0
  for (const record of readRecords(text)) {
    const [token = '', name = '', uid = '', groups] = record
    if (record.length < 3)
      throw new Error(
        `token file '${path}' must have at least 3 columns (token, user name, user uid), found ${record.length}`,
      )
    number++
    if (token === '') {
      warn(`empty token has been found in token file '${path}', record number '${number}'`)
      continue
    }
    if (tokens.has(token)) warn(`duplicate token has been found in token file '${path}', record number '${number}'`)
    tokens.set(token, { name, uid, groups: groups === undefined ? [] : groups.split(',') })
  }
  return tokens
}

/** Comma-separated values (RFC 4180); empty lines are skipped. */
function readRecords(text: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  while (field.lastIndex < text.length) {
    const match = field.exec(text)
    if (match === null) throw new Error('parse error: bare " in non-quoted field')
    const [, quoted, plain = '', end] = match
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') {
      // What follows the last comma of the text is an empty field.
      if (field.lastIndex === text.length) record.push('')
      else continue
    }
    if (record.length > 1 || record[0] !== '') records.push(record)
    record = []
  }
  return records
}
