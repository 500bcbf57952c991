const suitesOf13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
const suitesOf12 = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305', 'AES128-SHA', 'AES256-SHA'].flatMap(
  (suite) => [`ECDHE-ECDSA-${suite}`, `ECDHE-RSA-${suite}`],
)

/** What Go's crypto/tls offers unless it is told otherwise, in its order: the cheaper cipher first. */
export const suites = {
  ciphers: [...suitesOf13, ...suitesOf12].join(':'),
  honorCipherOrder: true,
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384:P-521',
} as const
