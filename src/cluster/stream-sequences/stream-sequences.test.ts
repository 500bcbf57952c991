import { upstreamAnswers } from './answers.fixture.ts'
import { compareWithUpstream } from '../protocol-sequences/compare.fixture.ts'
import { excuses } from './excuses.fixture.ts'
import { profiles } from './profiles.fixture.ts'

compareWithUpstream(profiles, upstreamAnswers(), excuses)
