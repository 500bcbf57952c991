/** Prints what our API server answers, a line each: run in a process of its own, with the stack that `skiff` asks for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPki } from '../../apiserver/pki/pki.ts'
import { systemClock } from '../../machinery/clock.ts'
import { startOurs } from '../protocol-sequences/start.fixture.ts'
import { runSteps } from './run-steps.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'skiff-deep-'))
const pki = createPki({ folder, clock: systemClock })
const ours = await startOurs(pki, {}, systemClock)
const answers = await runSteps(ours.port, pki)
await ours.stop()
rmSync(folder, { recursive: true })
process.stdout.write([...answers].map((answer) => `${JSON.stringify(answer)}\n`).join(''))
