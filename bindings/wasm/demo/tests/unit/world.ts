import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Dispatch, Effect } from 'heijunka';

import { World, type Machine, type Stream } from '../../src/live/world';

/** An engine that admits `room` requests at once, lets others wait, and notes all calls. */
class Room implements Machine {
  readonly calls: string[] = [];
  readonly effects: Effect[] = [];
  deadline: number | null = null;
  private next = 1;
  private busy = 0;
  private readonly line: number[] = [];

  constructor(private readonly room: number) {}

  dispatch(nowUs: number, domain: string): Dispatch {
    const ticket = this.next++;
    const waits = this.busy >= this.room;
    if (waits) this.line.push(ticket);
    else this.busy++;
    this.calls.push(`dispatch ${domain} ${String(nowUs)}`);
    return { ticket, waiter: waits ? ticket : null } as unknown as Dispatch;
  }

  complete(nowUs: number, ticket: number): void {
    this.calls.push(`complete ${String(ticket)} ${String(nowUs)}`);
    this.busy--;
    const served = this.line.shift();
    if (served === undefined) return;
    this.busy++;
    this.effects.push(effect({ kind: 'WaiterReady', ticket: served }));
  }

  workerReady(nowUs: number, worker: number): void {
    this.calls.push(`ready ${String(worker)} ${String(nowUs)}`);
  }

  step(nowUs: number): Effect[] {
    this.calls.push(`step ${String(nowUs)}`);
    this.deadline = null;
    return [effect({ kind: 'AddWorkers', workers: [41, 42] })];
  }

  pollEffect(): Effect | null {
    return this.effects.shift() ?? null;
  }

  nextDeadline(): number | null {
    return this.deadline;
  }
}

const effect = (more: Partial<Effect>): Effect => ({ ticket: null, workers: [], reason: 'manual', ...more }) as Effect;
const streams: Stream[] = [{ domain: 'web', rate: 10, serviceUs: 50_000 }];
const never = () => false;

function played(room: number, seconds: number): { room: Room; world: World; told: Effect[] } {
  const machine = new Room(room);
  const told: Effect[] = [];
  const world = new World(machine, streams, 1, 10e6, (one) => told.push(one));
  world.advance(seconds * 1e6, never);
  return { room: machine, world, told };
}

test('requests arrive at their rate, and what is admitted ends', () => {
  const { world, room } = played(1000, 1000);
  const counts = world.take();
  // Ten a second for a thousand seconds, within five standard deviations.
  assert.ok(Math.abs(counts.arrived - 10_000) < 500, String(counts.arrived));
  assert.ok(counts.arrived - counts.completed < 20);
  assert.deepEqual(world.take(), { arrived: 0, admitted: 0, refused: 0, expired: 0, completed: 0 });
  const times = room.calls.map((call) => Number(call.split(' ').at(-1)));
  assert.ok(times.every((time, i) => i === 0 || time >= (times[i - 1] ?? 0)));
});

test('the same seed plays the same world, in steps of any size', () => {
  const whole = played(3, 60).room.calls;
  const { room, world } = played(3, 0);
  for (let at = 0; at < 60e6; at += 123_457) world.advance(Math.min(60e6, at + 123_457), never);
  world.advance(60e6, never);
  assert.deepEqual(room.calls, whole);
});

test('who waits is served when there is a worker', () => {
  const { world, room } = played(1, 100);
  const counts = world.take();
  assert.equal(room.calls.filter((call) => call.startsWith('complete')).length, counts.completed);
  assert.ok(counts.arrived - counts.completed < 40);
});

test('ordered workers are ready after their start, and overflow workers are there at once', () => {
  const { room, world, told } = played(1, 0);
  room.deadline = 5e6;
  world.advance(4e6, never);
  assert.ok(!room.calls.some((call) => call.startsWith('step')));
  world.advance(20e6, never);
  assert.ok(room.calls.includes('step 5000000'));
  assert.deepEqual(room.calls.filter((call) => call.startsWith('ready')), ['ready 41 15000000', 'ready 42 15000000']);
  assert.ok(told.some(({ kind }) => kind === 'AddWorkers'));
});

test('a flash crowd multiplies a domain’s requests until it is over', () => {
  const { world } = played(1000, 100);
  world.take();
  world.flashCrowd({ domain: 'web', factor: 20, untilUs: 160e6 });
  assert.equal(world.crowdsNow().length, 1);
  world.advance(160e6, never);
  const crowd = world.take().arrived;
  assert.ok(Math.abs(crowd - 12_000) < 550, String(crowd));
  assert.equal(world.crowdsNow().length, 0);
  world.advance(260e6, never);
  const usual = world.take().arrived;
  assert.ok(Math.abs(usual - 1000) < 160, String(usual));
});

test('who is tired stops in between and goes on later', () => {
  const { world } = played(1000, 0);
  assert.equal(world.advance(1000e6, () => true), false);
  assert.ok(world.now < 1000e6);
  assert.equal(world.advance(1000e6, never), true);
  assert.equal(world.now, 1000e6);
});
