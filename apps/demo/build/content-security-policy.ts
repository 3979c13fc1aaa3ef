import type { Plugin } from 'vite';

/**
 * What the page may do: run its own files and WebAssembly, and nothing else. No inline script or
 * style, no eval, no frames, no forms, no pictures from elsewhere. The hub's addresses are there for
 * the one model that a person may choose to download from it.
 */
const POLICY: Record<string, string> = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'manifest-src': "'self'",
  'connect-src': "'self' https://huggingface.co https://*.huggingface.co https://*.hf.co",
  'base-uri': "'none'",
  'form-action': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default burrow-templates',
};

/** As a header: there it may also forbid other sites to frame the page. Workers obey only headers. */
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
        attrs: { 'http-equiv': 'Content-Security-Policy', content: policyText(POLICY) },
        injectTo: 'head-prepend',
      },
    ],
  };
}
