import type { Plugin } from 'vite';

/**
 * What the page may do: run its own files and WebAssembly, and nothing else. No inline script or
 * style, no eval, no forms, no frames but its own, and no request to any other origin.
 */
const POLICY: Record<string, string> = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'manifest-src': "'self'",
  'connect-src': "'self'",
  'frame-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** The frame that fetches models may speak to the hub and to where the hub keeps its files; it shows nothing. */
const MODEL_POLICY: Record<string, string> = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'img-src': "'self'",
  'connect-src': "'self' https://huggingface.co https://*.huggingface.co https://*.hf.co",
  'base-uri': "'none'",
  'form-action': "'none'",
};
const MODEL_PAGE = 'get-model.html';

/** For the pages alone: workers have no document that markup could get into, and start workers of their own. */
const TRUSTED_TYPES: Record<string, string> = {
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default burrow-templates',
};

/** As a header: workers obey only headers, and only there may a policy forbid other sites to frame a page. */
export function contentSecurityPolicyOf(path: string): string {
  return path.endsWith(`/${MODEL_PAGE}`)
    ? `${policyText(MODEL_POLICY)}; frame-ancestors 'self'`
    : `${policyText(POLICY)}; frame-ancestors 'none'`;
}

function policyText(policy: Record<string, string>): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
}

/** Puts the policy into the built pages, for hosts that send no headers; sends it as a header in the preview. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: (_config, { command, isPreview }) => command === 'build' || isPreview === true,
    transformIndexHtml: (_html, { path }) => [
      {
        tag: 'meta',
        attrs: {
          'http-equiv': 'Content-Security-Policy',
          content: policyText({ ...(path.endsWith(MODEL_PAGE) ? MODEL_POLICY : POLICY), ...TRUSTED_TYPES }),
        },
        injectTo: 'head-prepend',
      },
    ],
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const { pathname } = new URL(request.url ?? '/', 'http://localhost');
        response.setHeader('Content-Security-Policy', contentSecurityPolicyOf(pathname));
        next();
      });
    },
  };
}
