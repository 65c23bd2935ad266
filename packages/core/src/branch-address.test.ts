import assert from 'node:assert/strict';
import test from 'node:test';
import { branchAddress } from './branch-address.ts';

const project = { url: 'https://site.example:8443/', routing: 'path', productionAtRoot: false } as const;

test('by path, a branch is below the host, and its app is told the prefix', () => {
  assert.deepEqual(branchAddress(project, 'feature-x', false), {
    url: 'https://site.example:8443/feature-x',
    basePath: '/feature-x',
  });
});

test('by subdomain, a branch has a host to itself', () => {
  assert.deepEqual(branchAddress({ ...project, routing: 'subdomain' }, 'feature-x', false), {
    url: 'https://feature-x.site.example:8443',
    basePath: '',
  });
});

for (const routing of ['path', 'subdomain'] as const) {
  test(`by ${routing}, a production branch at the root has the bare host, and previews have not`, () => {
    const atRoot = { ...project, routing, productionAtRoot: true };

    assert.deepEqual(branchAddress(atRoot, 'main', true), { url: 'https://site.example:8443', basePath: '' });
    assert.notEqual(branchAddress(atRoot, 'x', false).url, 'https://site.example:8443');
    assert.notEqual(branchAddress({ ...project, routing }, 'main', true).url, 'https://site.example:8443');
  });
}
