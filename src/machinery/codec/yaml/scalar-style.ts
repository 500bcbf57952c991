import { resolveScalar } from './resolve-scalar.ts'

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal'

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const lineBreak = /[\r\n\u0085\u2028\u2029]/
// What libyaml does not print as it is: control characters but LF, a byte order mark, what lies beyond the basic plane.
const special = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

/** How go-yaml v2 writes a string (encode.go stringv, emitterc.go analyze_scalar and select_scalar_style). */
export function styleOf(text: string, isKey: boolean): ScalarStyle {
  const multiline = lineBreak.test(text)
  if (isKey && multiline) return 'double'
  const spaceBreak = / [\r\n\u0085\u2028\u2029]/.test(text)
  const mustEscape = spaceBreak || special.test(text)
  if (text.includes('\n')) {
    const blockAllowed = !mustEscape && !text.endsWith(' ')
    return blockAllowed && !isKey ? 'literal' : 'double'
  }
  if (resolveScalar(text).tag !== 'str' || base60.test(text)) return 'double'
  const breakSpace = /[\r\n\u0085\u2028\u2029] /.test(text)
  const plain = !mustEscape && !breakSpace && !multiline && !/^ | $/.test(text) && !hasIndicators(text)
  if (plain) return 'plain'
  return mustEscape || breakSpace ? 'double' : 'single'
}

function hasIndicators(text: string): boolean {
  if (/^(?:---|\.\.\.)/.test(text)) return true
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) return true
  if (/^[?:-](?:[ \t]|$)/.test(text)) return true
  return /.:(?:[ \t]|$)/su.test(text) || /[\s\0]#/u.test(text)
}
