import type { Plugin } from 'vite';

/**
 * What the page may do: run its own files and WebAssembly, and nothing else. No inline script or
 * style, no eval, no frames, no forms, and no request to any other origin.
 */
const POLICY: Record<string, string> = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'manifest-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** For the page alone: workers have no document that markup could get into, and start workers of their own. */
const TRUSTED_TYPES: Record<string, string> = {
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default burrow-templates',
};

/** As a header: workers obey only headers, and only there may a policy forbid other sites to frame the page. */
export const CONTENT_SECURITY_POLICY: string = `${policyText(POLICY)}; frame-ancestors 'none'`;

function policyText(policy: Record<string, string>): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
}

/** Puts the policy into the built page, for hosts that send no headers. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: {
          'http-equiv': 'Content-Security-Policy',
          content: policyText({ ...POLICY, ...TRUSTED_TYPES }),
        },
        injectTo: 'head-prepend',
      },
    ],
  };
}
