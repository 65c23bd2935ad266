import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { AppError } from '@bough/core/app-error.ts';
import { ForgeName } from '@bough/core/forge/forge-name.ts';
import { forges } from '@bough/core/forge/forges.ts';
import { readProof } from '@bough/core/forge/proof.ts';
import { allForgeCases, forgeCases, forgeHeaders } from '../support/forge-deliveries.ts';
import { caseNames } from '../support/forges/forge-case.ts';
import { said } from '../support/said-event.ts';

for (const forge of ForgeName.options) {
  const { title, parse, deliveryHeaders, eventHeader, verifications } = forges[forge];
  const sent = allForgeCases([forge]).map(({ name, sent: one }) => ({ name, ...one }));

  suite(`what ${title} sends`, () => {
    test('there is a delivery of every kind, or a reason why there never is', () => {
      assert.deepEqual(Object.keys(forgeCases(forge)), caseNames);
      for (const { name, follows } of sent) assert.match(follows, /^(https:\/\/|docs\/forges\.md#)/, name);
    });

    for (const { name, event, body, says } of sent) {
      test(`${name} is understood`, () => {
        assert.deepEqual(parse(event, body).map(said), says);
      });
    }

    test('the id, the event and a proof are found in the headers it sends', () => {
      const headers = forgeHeaders(forge, { event: 'an event', delivery: 'an id', secret: 'a secret', body: '{}' });

      assert.equal(headers[eventHeader], 'an event');
      assert.equal(headers[deliveryHeaders.find((name) => headers[name] !== undefined) ?? ''], 'an id');
      assert.ok(readProof(verifications, headers));
    });

    test('a push of another shape is refused, and the forge and the event are named', () => {
      const event = sent.find(({ name }) => name === 'update')?.event ?? '';
      for (const body of [null, [], 'text', 1, {}, { ref: 7, changes: 7, push: 7 }]) {
        assert.throws(
          () => parse(event, body),
          (error) =>
            error instanceof AppError &&
            error.code === 'DELIVERY_INVALID' &&
            error.message.includes(title) &&
            error.message.includes(event),
        );
      }
    });

    test('what is not a push is never refused, whatever it holds', () => {
      for (const { event } of sent.filter(({ says }) => says.every(({ kind }) => kind === 'ignored'))) {
        if (sent.some((one) => one.event === event && one.says.some(({ kind }) => kind !== 'ignored'))) continue;
        for (const body of [null, [], 'text', {}]) {
          if (event === 'Tag Push Hook') continue; // has the shape of a push
          assert.equal(parse(event, body)[0]?.kind, 'ignored', event);
        }
      }
    });
  });
}
