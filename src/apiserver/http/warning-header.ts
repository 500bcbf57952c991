/**
 * Several warnings in one header, each `299 - "text"`; those with control characters are left out (apimachinery
 * pkg/util/net/http.go, NewWarningHeader).
 */
export function warningHeader(texts: Iterable<string>): string {
  const parts: string[] = []
  let length = 0
  for (const text of texts) {
    if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) continue
    const value = `299 - "${escape(text)}"`
    length += value.length
    // Upstream stops at 4 KiB (apiserver endpoints/filters/warning.go).
    if (length > 4096) break
    parts.push(value)
  }
  return parts.join(', ')
}

function escape(text: string): string {
  // Headers are latin1: what is beyond goes out as the bytes of its UTF-8.
  const safe = Buffer.from(text, 'utf8').toString('latin1')
  return safe.replace(/[\\"]/g, '\\$&')
}
