// Trusted Types let strings become scripts only through a policy. Ours lets through what lies on this
// origin, which the packages' workers and the service worker do, and nothing else; markup never.
globalThis.trustedTypes?.createPolicy('default', {
  createScriptURL(url) {
    const address = new URL(url, document.baseURI);
    if (address.origin === location.origin) return url;
    throw new TypeError(`No script is loaded from ${address.origin}.`);
  },
});
