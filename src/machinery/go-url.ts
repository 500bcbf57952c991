import { goQuote } from './field-error.ts'
import { NetIpError, parseNetAddress } from './net-ip.ts'

/** A URL as Go's net/url reads it, with its words for what is wrong. */
export interface GoUrl {
  readonly scheme: string
  /** With its port. */
  readonly host: string
  readonly opaque: string
  /** Decoded. */
  readonly path: string
  /** As written, where that differs from the usual encoding. */
  readonly rawPath: string
  readonly rawQuery: string
  readonly fragment: string
  /** As written. */
  readonly user?: string
}

export class GoUrlError extends Error {
  override readonly name = 'GoUrlError'
}
class Problem {
  readonly what: string
  constructor(what: string) {
    this.what = what
  }
}

/** url.Parse: relative references are URLs too. Throws GoUrlError. */
export function parseGoUrl(text: string): GoUrl {
  const hash = text.indexOf('#')
  const whole = hash < 0 ? text : text.slice(0, hash)
  const url = reporting(whole, () => read(whole, false))
  if (hash < 0) return url
  return { ...url, fragment: reporting(text, () => unescape(text.slice(hash + 1), 'path')) }
}

/** url.ParseRequestURI: an absolute URL or an absolute path. Throws GoUrlError. */
export function parseRequestUri(text: string): GoUrl {
  return reporting(text, () => read(text, true))
}

function reporting<T>(text: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new GoUrlError(`parse ${goQuote(text)}: ${error.what}`)
  }
}

const empty = { scheme: '', host: '', opaque: '', path: '', rawPath: '', rawQuery: '', fragment: '' }

function read(text: string, forRequest: boolean): GoUrl {
  if (/[\x00-\x1f\x7f]/.test(text)) throw new Problem('net/url: invalid control character in URL')
  if (text === '' && forRequest) throw new Problem('empty url')
  if (text === '*') return { ...empty, path: '*' }
  const { scheme, rest: afterScheme } = splitScheme(text)
  const question = afterScheme.indexOf('?')
  const rawQuery = question < 0 ? '' : afterScheme.slice(question + 1)
  let rest = question < 0 ? afterScheme : afterScheme.slice(0, question)
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...empty, scheme, opaque: rest, rawQuery }
    if (forRequest) throw new Problem('invalid URI for request')
    if (rest.split('/', 1)[0]!.includes(':')) throw new Problem('first path segment in URL cannot contain colon')
  }
  let host = ''
  let user: string | undefined
  if ((scheme !== '' || (!forRequest && !rest.startsWith('///'))) && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2)
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
    rest = slash < 0 ? '' : rest.slice(slash)
    const at = authority.lastIndexOf('@')
    host = readHost(scheme, authority.slice(at + 1))
    if (at >= 0) {
      user = authority.slice(0, at)
      if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new Problem('net/url: invalid userinfo')
      unescape(user, 'path')
    }
  }
  const path = unescape(rest, 'path')
  const rawPath = escapePath(path) === rest ? '' : rest
  return { ...empty, scheme, host, user, path, rawPath, rawQuery }
}

function splitScheme(text: string): { scheme: string; rest: string } {
  const match = /^[^A-Za-z0-9+\-.]*/.exec(text)![0]
  const found = /^([A-Za-z0-9+\-.]*):/.exec(text)
  if (match !== '' || found === null) {
    if (text.startsWith(':')) throw new Problem('missing protocol scheme')
    return { scheme: '', rest: text }
  }
  const name = found[1]!
  // Digits and signs may not come first; such a text has no scheme.
  if (!/^[A-Za-z]/.test(name)) return { scheme: '', rest: text }
  return { scheme: name.toLowerCase(), rest: text.slice(name.length + 1) }
}

const validPort = (port: string) => /^(:\d*)?$/.test(port)

function readHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) throw new Problem('invalid IP-literal')
  if (bracket === 0) {
    const end = host.lastIndexOf(']')
    if (end < 0) throw new Problem("missing ']' in host")
    const port = host.slice(end + 1)
    if (!validPort(port)) throw new Problem(`invalid port ${goQuote(port)} after host`)
    const name = host.slice(1, end)
    const zone = name.indexOf('%25')
    const plain =
      zone < 0 ? unescape(name, 'host') : unescape(name.slice(0, zone), 'host') + unescape(name.slice(zone), 'zone')
    try {
      if (parseNetAddress(plain).family === 4) throw new Problem('invalid IP-literal')
    } catch (error) {
      if (error instanceof NetIpError) throw new Problem(`invalid host: ${error.message}`)
      throw error
    }
    return `[${plain}]${port}`
  }
  const strict = scheme === 'http' || scheme === 'https'
  const colon = strict ? host.indexOf(':') : host.lastIndexOf(':')
  if (colon >= 0 && !validPort(host.slice(colon)))
    throw new Problem(`invalid port ${goQuote(host.slice(colon))} after host`)
  return unescape(host, 'host')
}

type Part = 'path' | 'host' | 'zone' | 'query'
const hostChars = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]$/

function unescape(text: string, part: Part): string {
  const bytes = Buffer.from(text)
  const out: number[] = []
  for (let at = 0; at < bytes.length; at++) {
    const char = String.fromCharCode(bytes[at]!)
    if (char === '%') {
      const hex = bytes.subarray(at, at + 3).toString()
      if (!/^%[0-9a-fA-F]{2}$/.test(hex)) throw new Problem(`invalid URL escape ${goQuote(hex)}`)
      const value = Number.parseInt(hex.slice(1), 16)
      if (part === 'host' && value < 0x80 && hex !== '%25') throw new Problem(`invalid URL escape ${goQuote(hex)}`)
      if (part === 'zone' && hex !== '%25' && value !== 0x20 && !hostChars.test(String.fromCharCode(value)))
        throw new Problem(`invalid URL escape ${goQuote(hex)}`)
      out.push(value)
      at += 2
      continue
    }
    if ((part === 'host' || part === 'zone') && bytes[at]! < 0x80 && !hostChars.test(char))
      throw new Problem(`invalid character ${goQuote(char)} in host name`)
    out.push(part === 'query' && char === '+' ? 0x20 : bytes[at]!)
  }
  return Buffer.from(out).toString()
}

function escapePath(path: string): string {
  let out = ''
  for (const byte of Buffer.from(path)) {
    const char = String.fromCharCode(byte)
    out += /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

/** URL.EscapedPath: as written, where that is a valid encoding. */
export function escapedPath({ path, rawPath }: GoUrl): string {
  if (rawPath !== '' && /^[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]%]*$/.test(rawPath)) return rawPath
  return path === '*' ? '*' : escapePath(path)
}

/** URL.Hostname: without port and brackets. */
export function hostnameOf({ host }: GoUrl): string {
  if (host.startsWith('[')) return host.slice(1, Math.max(host.indexOf(']'), 1))
  const colon = host.indexOf(':')
  return colon < 0 ? host : host.slice(0, colon)
}
/** URL.Port: '' where there is none. */
export function portOf({ host }: GoUrl): string {
  return /:(\d+)$/.exec(host.startsWith('[') ? host.slice(host.indexOf(']') + 1) : host)?.[1] ?? ''
}

/** URL.Query: what cannot be decoded is left out. */
export function queryOf({ rawQuery }: GoUrl): Map<string, string[]> {
  const query = new Map<string, string[]>()
  for (const pair of rawQuery.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const equals = pair.indexOf('=')
    try {
      const name = unescape(equals < 0 ? pair : pair.slice(0, equals), 'query')
      const value = equals < 0 ? '' : unescape(pair.slice(equals + 1), 'query')
      query.set(name, [...(query.get(name) ?? []), value])
    } catch (error) {
      if (!(error instanceof Problem)) throw error
    }
  }
  return query
}

/** URL.String. */
export function urlText(url: GoUrl): string {
  let text = url.scheme === '' ? '' : `${url.scheme}:`
  if (url.opaque !== '') text += url.opaque
  else {
    if (url.host !== '' || url.user !== undefined)
      text += `//${url.user === undefined ? '' : `${url.user}@`}${url.host}`
    text += escapedPath(url)
  }
  if (url.rawQuery !== '') text += `?${url.rawQuery}`
  return url.fragment === '' ? text : `${text}#${escapePath(url.fragment)}`
}
