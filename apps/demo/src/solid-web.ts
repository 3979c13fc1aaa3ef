// Solid's compiler imports everything from here. It parses its templates with innerHTML, which
// Trusted Types forbid without a policy: this policy sees only the templates of our own components,
// constants of the build, and no other code can reach it.
export * from 'solid-js/web';

const policy = globalThis.trustedTypes?.createPolicy('burrow-templates', { createHTML: (html) => html });

/** Parses a component's markup once and gives copies of it. */
export function template(html: string, isImportNode?: boolean, isSVG?: boolean): () => Node {
  let node: Node | undefined;
  const parse = (): Node => {
    const element = document.createElement('template');
    element.innerHTML = policy?.createHTML(html) ?? html;
    const first = isSVG ? element.content.firstChild?.firstChild : element.content.firstChild;
    if (!first) throw new Error('A template is empty.');
    return first;
  };
  return () => {
    node ??= parse();
    return isImportNode ? document.importNode(node, true) : node.cloneNode(true);
  };
}
