import { fieldsText, writeDocument, writeDocumentLine } from '../../src/output/documents.ts';
import { RecordedIo } from '../recorded-io.ts';

describe('writeDocument', () => {
  it('puts the schema version first and ends in a line end', async () => {
    const io = new RecordedIo();
    await writeDocument(io, { a: 1 });
    await writeDocumentLine(io, { b: 2 });
    expect(io.out).toBe('{\n  "schemaVersion": 1,\n  "a": 1\n}\n{"schemaVersion":1,"b":2}\n');
  });
});

describe('fieldsText', () => {
  it('names what lies in objects by its path, and leaves out what is empty', () => {
    const io = new RecordedIo();
    const fields = {
      name: 'svc',
      none: null,
      list: [],
      links: { studio: 'https://a' },
      parts: [{ x: false }, { x: 2 }],
    };
    expect(fieldsText(io, fields)).toBe(
      'name          svc\nlinks.studio  https://a\nparts[0].x    false\nparts[1].x    2\n',
    );
  });

  it('lets no value break its line, steer the terminal or give a build system a command', () => {
    const io = new RecordedIo();
    expect(fieldsText(io, { 'a\nb': 'c\n::error::d\u001b[31m', e: '##vso[task.complete]' })).toBe(
      'a b  c ::error::d\ne    # #vso[task.complete]\n',
    );
  });
});
