/** Bytes in use of this page and its workers after a collection; undefined where the browser does not tell. */
export async function measureMemory(): Promise<number | undefined> {
  const { measureUserAgentSpecificMemory: measure } = performance as {
    measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }>;
  };
  if (!measure || !crossOriginIsolated) return undefined;
  return (await measure.call(performance)).bytes;
}
