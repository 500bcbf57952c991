export { createApiServer, type ApiServer, type ApiServerOptions } from './server.ts'
export type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission/plugin.ts'
export type {
  AuthenticationRequest,
  AuthenticationResult,
  Authenticator,
  ClientCertificate,
} from './authentication/authenticator.ts'
export type { AuthorizationAttributes, AuthorizationResult, Authorizer } from './authorization/authorizer.ts'
export type { ConnectContext, ConnectHandler } from './handlers/connect-handler.ts'
