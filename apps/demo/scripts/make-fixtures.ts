// Makes the binary fixtures of the tests: Word files, PDFs printed by Chromium, and hostile files.
// They are committed; run this again (`pnpm --filter @burrow/demo fixtures`) only to change them.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { chromium } from 'playwright';
import { launchOptions } from '../../../scripts/chromium.mjs';

const fixtures = new URL('../test/fixtures/', import.meta.url);
const save = (name: string, data: Uint8Array | string): Promise<void> =>
  writeFile(new URL(name, fixtures), data);

const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006';

/** A Word file: lines that begin with "# " are headings, "- " list items. */
function docx(title: string, lines: string[]): Zippable {
  const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const paragraphs = lines.map((line) => {
    const style = line.startsWith('# ') ? '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' : '';
    return `<w:p>${style}<w:r><w:t xml:space="preserve">${escape(line.replace(/^# /, ''))}</w:t></w:r></w:p>`;
  });
  return {
    '[Content_Types].xml': strToU8(
      `<?xml version="1.0"?><Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>`,
    ),
    '_rels/.rels': strToU8(
      `<?xml version="1.0"?><Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    ),
    'docProps/core.xml': strToU8(
      `<?xml version="1.0"?><cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escape(title)}</dc:title></cp:coreProperties>`,
    ),
    'word/_rels/document.xml.rels': strToU8(
      `<?xml version="1.0"?><Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="s1" Type="${OFFICE}/relationships/styles" Target="styles.xml"/></Relationships>`,
    ),
    'word/styles.xml': strToU8(
      `<?xml version="1.0"?><w:styles xmlns:w="${WORD}"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`,
    ),
    'word/document.xml': strToU8(
      `<?xml version="1.0"?><w:document xmlns:w="${WORD}"><w:body>${paragraphs.join('')}</w:body></w:document>`,
    ),
  };
}

/** A PDF by hand from its numbered objects; each may be bytes, for encrypted streams. */
function pdf(objects: (string | Uint8Array)[], trailer: string): Uint8Array {
  const parts: Uint8Array[] = [strToU8('%PDF-1.4\n')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const push = (data: string | Uint8Array): void => {
    const bytes = typeof data === 'string' ? strToU8(data, true) : data;
    parts.push(bytes);
    length += bytes.length;
  };
  for (const [index, body] of objects.entries()) {
    offsets.push(length);
    push(`${index + 1} 0 obj\n`);
    push(body);
    push('\nendobj\n');
  }
  const start = length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`);
  push(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`);
  return Buffer.concat(parts);
}

const PAGES = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'];

/** PDF 1.7, 7.6.3: the standard security handler, revision 2, with the user password "secret". */
function encryptedPdf(): Uint8Array {
  const padding = Buffer.from('28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A', 'hex');
  const pad = (password: string): Buffer => Buffer.concat([Buffer.from(password), padding]).subarray(0, 32);
  const md5 = (...data: Buffer[]): Buffer => createHash('md5').update(Buffer.concat(data)).digest();
  const id = md5(Buffer.from('burrow'));
  const permissions = Buffer.from([0xc0, 0xff, 0xff, 0xff]);
  const owner = rc4(md5(pad('owner')).subarray(0, 5), pad('secret'));
  const key = md5(pad('secret'), owner, permissions, id).subarray(0, 5);
  const user = rc4(key, padding);
  const objectKey = md5(key, Buffer.from([4, 0, 0, 0, 0])).subarray(0, 10);
  const stream = rc4(
    objectKey,
    Buffer.from('BT /F1 12 Tf 72 720 Td (Nobody reads this without the word) Tj ET'),
  );
  const content = Buffer.concat([
    Buffer.from(`<< /Length ${stream.length} >>\nstream\n`),
    stream,
    Buffer.from('\nendstream'),
  ]);
  const page =
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>';
  const hex = (bytes: Buffer): string => `<${bytes.toString('hex')}>`;
  const encrypt = `<< /Filter /Standard /V 1 /R 2 /O ${hex(owner)} /U ${hex(user)} /P -64 >>`;
  return pdf([...PAGES, page, content, encrypt], `/Encrypt 5 0 R /ID [${hex(id)} ${hex(id)}]`);
}

function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const swap = (a: number, b: number): void => {
    [state[a], state[b]] = [state[b] ?? 0, state[a] ?? 0];
  };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let i = 0;
  let j = 0;
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) & 255;
      j = (j + (state[i] ?? 0)) & 255;
      swap(i, j);
      return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 255] ?? 0);
    }),
  );
}

const speech = docx('A speech for the wedding', [
  '# A speech for the wedding',
  'Keep it under five minutes. Begin with how you know the couple, tell one story that shows the bride as she is, and leave out every former love.',
  'Raise your glass at the end and say both names. Practise aloud, and write the first sentence on a card.',
]);
await save('household/wedding-speech.docx', zipSync(speech));
const moving = docx('Moving house', [
  '# Moving house',
  'Eight weeks before: give notice on the old flat, order boxes, ask friends with strong backs.',
  '# On the day',
  'Load the heavy furniture first, against the wall of the van. The kettle, the kettle lead and the mugs travel in the front.',
]);
await save('household/moving-house.docx', zipSync(moving));

const browser = await chromium.launch(launchOptions());
const page = await browser.newPage();
await page.setContent(await readFile(new URL('electricity-source.html', fixtures), 'utf8'));
await save('household/electricity.pdf', await page.pdf({ format: 'A5' }));
await page.setContent(
  '<!doctype html><title>Scan</title><div style="width:200px;height:200px;background:linear-gradient(red,blue)"></div>',
);
await save('hostile/scan.pdf', await page.pdf({ format: 'A5' }));
await browser.close();

await save('hostile/encrypted.pdf', encryptedPdf());
await save('hostile/damaged.pdf', '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nthen the download broke off');
await save('hostile/damaged.docx', zipSync(speech).subarray(0, 900));
await save('hostile/not-word.docx', zipSync({ 'readme.txt': strToU8('only a zip') }));
await save(
  'hostile/invalid-xml.docx',
  zipSync({ ...speech, 'word/document.xml': strToU8('<w:document><w:body') }),
);
const filler = strToU8(
  `<w:document xmlns:w="${WORD}"><w:body>${' '.repeat(48 * 1024 * 1024)}</w:body></w:document>`,
);
await save('hostile/bomb.docx', zipSync({ ...speech, 'word/document.xml': filler }, { level: 9 }));
await save(
  'hostile/protected.docx',
  Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(504)]),
);
await save('hostile/old.doc', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(504)]));
await save(
  'hostile/binary.txt',
  Uint8Array.from({ length: 2048 }, (_, index) => (index * 37) & 255),
);
await save('hostile/picture.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
await save('hostile/empty.txt', '');
await save('hostile/blank.md', ' \n\t\n');
await save('hostile/broken.json', '{ "title": "no end", ');
await save('hostile/header-only.csv', 'name,price\n');
