/** The part of Trusted Types that this app uses; TypeScript's own library does not have it yet. */
interface TrustedTypePolicyFactory {
  createPolicy(
    name: string,
    rules: { createHTML?: (html: string) => string; createScriptURL?: (url: string) => string },
  ): { createHTML(html: string): string };
}

// oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
declare var trustedTypes: TrustedTypePolicyFactory | undefined;
