import type { ImageArchitecture, ImageContent } from './docker-archive.ts'

/**
 * The program of a sandbox: holds the pod's namespaces open, reaps orphans, ends on SIGTERM and SIGINT. It blocks all
 * signals and takes them with rt_sigtimedwait, since a process 1 ignores signals that it neither handles nor blocks.
 * Written as machine code, for a compiler cannot be expected where Skiff runs.
 */
const syscalls = {
  amd64: { sigprocmask: 14, sigtimedwait: 128, wait4: 61, exitGroup: 231 },
  arm64: { sigprocmask: 135, sigtimedwait: 137, wait4: 260, exitGroup: 94 },
} as const
const sigint = 2
const sigterm = 15
const wnohang = 1

function amd64(): Buffer {
  const { sigprocmask, sigtimedwait, wait4, exitGroup } = syscalls.amd64
  const moveToEax = (value: number) => [0xb8, value & 255, value >> 8, 0, 0]
  const zeroEdi = [0x31, 0xff]
  const zeroEsi = [0x31, 0xf6]
  const zeroEdx = [0x31, 0xd2]
  const setSize = [0x41, 0xba, 8, 0, 0, 0] // mov r10d, 8
  const syscall = [0x0f, 0x05]
  const start = [
    0x6a,
    0xff,
    ...moveToEax(sigprocmask),
    ...zeroEdi,
    0x48,
    0x89,
    0xe6,
    ...zeroEdx,
    ...setSize,
    ...syscall,
  ]
  const take = [...moveToEax(sigtimedwait), 0x48, 0x89, 0xe7, ...zeroEsi, ...zeroEdx, ...setSize, ...syscall]
  const reap = [
    ...moveToEax(wait4),
    ...[0x48, 0x83, 0xcf, 0xff], // or rdi, -1
    ...zeroEsi,
    ...[0xba, wnohang, 0, 0, 0], // mov edx, WNOHANG
    ...[0x45, 0x31, 0xd2], // xor r10d, r10d
    ...syscall,
    ...[0x85, 0xc0], // test eax, eax
  ]
  const again = [0x7f, 256 - (reap.length + 2)] // jg reap
  const toExit = (skip: number) => [0x74, skip]
  const compare = (signal: number) => [0x83, 0xf8, signal]
  const toTake = [0xeb, 256 - (take.length + 10 + reap.length + again.length + 2)]
  const rest = [...reap, ...again, ...toTake]
  const checks = [...compare(sigterm), ...toExit(5 + rest.length), ...compare(sigint), ...toExit(rest.length)]
  return Buffer.from([...start, ...take, ...checks, ...rest, ...moveToEax(exitGroup), ...zeroEdi, ...syscall])
}

function arm64(): Buffer {
  const { sigprocmask, sigtimedwait, wait4, exitGroup } = syscalls.arm64
  const move = (register: number, value: number) => 0xd2800000 + value * 32 + register
  const minusOneToX0 = 0x92800000
  const pushX0 = 0xf81f0fe0
  const stackTo = (register: number) => 0x910003e0 + register
  const service = 0xd4000001
  const compareX0 = (value: number) => 0xf100001f + value * 1024
  const branch = (condition: number, words: number) => 0x54000000 + (words & 0x7ffff) * 32 + condition
  const jump = (words: number) => 0x14000000 + (words & 0x3ffffff)
  const equal = 0
  const greater = 12
  const start = [minusOneToX0, pushX0, move(8, sigprocmask), move(0, 0), stackTo(1), move(2, 0), move(3, 8), service]
  const take = [move(8, sigtimedwait), stackTo(0), move(1, 0), move(2, 0), move(3, 8), service]
  const reap = [move(8, wait4), minusOneToX0, move(1, 0), move(2, wnohang), move(3, 0), service, compareX0(0)]
  const rest = [...reap, branch(greater, -reap.length), jump(-(take.length + 4 + reap.length + 1))]
  const checks = [
    ...[compareX0(sigterm), branch(equal, 3 + rest.length)],
    ...[compareX0(sigint), branch(equal, 1 + rest.length)],
  ]
  const words = [...start, ...take, ...checks, ...rest, move(8, exitGroup), move(0, 0), service]
  const code = Buffer.alloc(words.length * 4)
  words.forEach((word, index) => {
    code.writeUInt32LE(word >>> 0, index * 4)
  })
  return code
}

/** A static ELF executable of one segment. */
export function pauseProgram(architecture: ImageArchitecture): Buffer {
  const code = architecture === 'arm64' ? arm64() : amd64()
  const base = 0x400000n
  const headers = 64 + 56
  const out = Buffer.alloc(headers)
  out.write('\x7fELF\x02\x01\x01', 'latin1')
  out.writeUInt16LE(2, 16) // ET_EXEC
  out.writeUInt16LE(architecture === 'arm64' ? 183 : 62, 18)
  out.writeUInt32LE(1, 20)
  out.writeBigUInt64LE(base + BigInt(headers), 24) // entry
  out.writeBigUInt64LE(64n, 32) // program headers
  out.writeUInt16LE(64, 52)
  out.writeUInt16LE(56, 54)
  out.writeUInt16LE(1, 56)
  out.writeUInt16LE(64, 58)
  out.writeUInt32LE(1, 64) // PT_LOAD
  out.writeUInt32LE(5, 68) // readable, executable
  out.writeBigUInt64LE(base, 80)
  out.writeBigUInt64LE(base, 88)
  out.writeBigUInt64LE(BigInt(headers + code.length), 96)
  out.writeBigUInt64LE(BigInt(headers + code.length), 104)
  out.writeBigUInt64LE(0x10000n, 112)
  return Buffer.concat([out, code])
}

export function pauseImage(name: string, architecture: ImageArchitecture): ImageContent {
  const program = { path: 'pause', mode: 0o755, content: pauseProgram(architecture) }
  return { name, files: [program], entrypoint: ['/pause'], user: '65535:65535' }
}
