/**
 * How certificates are trusted that a client was given: each by itself, as Go does (crypto/x509 Verify), not only those that sign
 * themselves. So a bundle may be the server's own certificate, as envtest's webhooks have it.
 */
export const tlsTrust = { allowPartialTrustChain: true } as const
