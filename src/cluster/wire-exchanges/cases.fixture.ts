import { rawBodies } from './cases/bodies.fixture.ts'
import { connections } from './cases/connections.fixture.ts'
import { handshakes } from './cases/handshakes.fixture.ts'
import { headers } from './cases/headers.fixture.ts'
import { http2 } from './cases/http2.fixture.ts'
import { messages } from './cases/messages.fixture.ts'
import { requestLines } from './cases/request-lines.fixture.ts'
import type { WireCase } from './exchange.fixture.ts'

export const wireCases: readonly WireCase[] = [
  ...requestLines,
  ...headers,
  ...rawBodies,
  ...connections,
  ...handshakes,
  ...http2,
  ...messages,
]
