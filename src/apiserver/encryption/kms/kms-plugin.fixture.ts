import { createCipheriv, createDecipheriv } from 'node:crypto'
import grpc from '@grpc/grpc-js'
import type { Message } from '../../../machinery/grpc/message.ts'
import {
  decryptRequest,
  decryptResponse,
  encryptRequest,
  encryptResponse,
  statusRequest,
  statusResponse,
} from './messages.ts'
import { v1Request, v1Response, v1VersionRequest, v1VersionResponse } from './kms-v1-client.ts'

/** A KMS plugin for tests: its keys are its names. */
export interface KmsPlugin {
  readonly endpoint: string
  /** By which it encrypts from now on. */
  keyId: string
  healthz: string
  /** How often it decrypted. */
  decrypted: number
  stop(): void
}

export async function startKmsPlugin(socket: string): Promise<KmsPlugin> {
  const server = new grpc.Server()
  const plugin: KmsPlugin = {
    endpoint: `unix://${socket}`,
    keyId: 'key-1',
    healthz: 'ok',
    decrypted: 0,
    stop: () => server.forceShutdown(),
  }
  const cipherKey = (keyId: string) => Buffer.alloc(32, keyId)
  const vector = Buffer.alloc(16)
  const annotations = { 'note.kms.example.com': Buffer.from('a note') }
  const method = <Request, RequestIn, Answer, AnswerIn>(
    path: string,
    request: Message<Request, RequestIn>,
    answer: Message<Answer, AnswerIn>,
    serve: (request: Request) => AnswerIn,
  ) => ({
    definition: {
      path: `/${path}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (value: RequestIn) => request.encode(value),
      requestDeserialize: (bytes: Buffer) => request.decode(bytes),
      responseSerialize: (value: AnswerIn) => answer.encode(value),
      responseDeserialize: (bytes: Buffer) => answer.decode(bytes),
    },
    handle(call: { request: Request }, callback: (error: Error | null, value?: AnswerIn) => void) {
      try {
        callback(null, serve(call.request))
      } catch (error) {
        callback(error as Error)
      }
    },
  })
  const methods = {
    Status: method('v2.KeyManagementService/Status', statusRequest, statusResponse, () => ({
      version: 'v2',
      healthz: plugin.healthz,
      keyId: plugin.keyId,
    })),
    Encrypt: method('v2.KeyManagementService/Encrypt', encryptRequest, encryptResponse, ({ plaintext }) => {
      const cipher = createCipheriv('aes-256-ctr', cipherKey(plugin.keyId), vector)
      return { ciphertext: cipher.update(plaintext), keyId: plugin.keyId, annotations }
    }),
    Decrypt: method('v2.KeyManagementService/Decrypt', decryptRequest, decryptResponse, (request) => {
      if (Buffer.from(request.annotations['note.kms.example.com'] ?? []).toString() !== 'a note')
        throw new Error('the annotations did not come back')
      plugin.decrypted++
      return { plaintext: createDecipheriv('aes-256-ctr', cipherKey(request.keyId), vector).update(request.ciphertext) }
    }),
  }
  const v1 = 'v1beta1.KeyManagementService'
  const ofVersion1 = (request: { readonly version: string }) => {
    if (request.version !== 'v1beta1') throw new Error(`what is ${request.version}?`)
  }
  const methodsOfVersion1 = {
    Version: method(`${v1}/Version`, v1VersionRequest, v1VersionResponse, (request) => {
      ofVersion1(request)
      return { version: 'v1beta1', runtimeName: 'test', runtimeVersion: '1.0.0' }
    }),
    Encrypt: method(`${v1}/Encrypt`, v1Request, v1Response, (request) => {
      ofVersion1(request)
      if (plugin.healthz !== 'ok') throw new Error(plugin.healthz)
      return { data: createCipheriv('aes-256-ctr', cipherKey('key-1'), vector).update(request.data) }
    }),
    Decrypt: method(`${v1}/Decrypt`, v1Request, v1Response, (request) => {
      ofVersion1(request)
      plugin.decrypted++
      return { data: createDecipheriv('aes-256-ctr', cipherKey('key-1'), vector).update(request.data) }
    }),
  }
  for (const service of [methods, methodsOfVersion1]) {
    const entries = Object.entries(service)
    server.addService(
      Object.fromEntries(
        entries.map(([name, { definition }]) => [name, definition]),
      ) as unknown as grpc.ServiceDefinition,
      Object.fromEntries(
        entries.map(([name, { handle }]) => [name, handle]),
      ) as unknown as grpc.UntypedServiceImplementation,
    )
  }
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(plugin.endpoint, grpc.ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    ),
  )
  return plugin
}
