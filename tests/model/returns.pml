/*
 * Blocks on their way back (src/memory/returns.ts and README.md): an arena's owner hands
 * blocks out, two other threads give them back by a linked stack in the blocks themselves,
 * the owner takes the stack whole. The owner sleeps while it has none, and says so in
 * WANTED. Checked: no block is in two hands, none is lost, the owner does not sleep
 * beside a block that came back.
 */
#define OTHERS 2
#define BLOCKS 2
#define ROUNDS 4
#define OWNER 8
#define STACK 9

byte hand[BLOCKS];      /* whose the block is: a ghost, which no thread reads */
byte link[BLOCKS];      /* the block below, plus one: written into the block itself */
byte top;
bool wanted;
bool parked;
chan given[OTHERS] = [BLOCKS] of { byte };
bool over;

proctype Owner() {
  bool mine[BLOCKS];
  byte rounds = 0;
  byte at, b;
  mine[0] = true; mine[1] = true;
  do
  :: rounds < ROUNDS && (mine[0] || mine[1]) ->
    if
    :: mine[0] -> b = 0
    :: mine[1] -> b = 1
    fi;
    assert(hand[b] == OWNER);
    mine[b] = false;
    rounds = rounds + 1;
    if
    :: d_step { hand[b] = 0; given[0]!b }
    :: d_step { hand[b] = 1; given[1]!b }
    fi
  :: (rounds < ROUNDS && !mine[0] && !mine[1]) || (rounds == ROUNDS && !(mine[0] && mine[1])) ->
    wanted = true;
    d_step { at = top; top = 0 };                 /* takeAll: one exchange */
    if
    :: at == 0 ->
      parked = true;
      if
#ifndef M_LOOKS_NO_MORE
      :: top != 0 -> parked = false
      :: top == 0 ->
#else
      :: true ->
#endif
        !parked                                    /* sleeps until it is woken */
      fi
    :: else ->
      do
      :: at == 0 -> break
      :: else ->
        b = at - 1;
        at = link[b];
        assert(hand[b] == STACK);
        hand[b] = OWNER;
        mine[b] = true
      od
    fi
  :: rounds == ROUNDS && mine[0] && mine[1] -> break
  od;
  over = true
}

proctype Other(byte me) {
  byte b, below;
  bool won;
  do
  :: over -> break
  :: given[me]?b ->
    assert(hand[b] == me);
    do
    :: below = top;
      link[b] = below;
#ifdef M_PUSHED_BLINDLY
      hand[b] = STACK; top = b + 1; break
#else
      d_step { won = (top == below); if :: won -> hand[b] = STACK; top = b + 1 :: else -> skip fi };
      if
      :: won -> break
      :: else -> skip
      fi
#endif
    od;
    if
    :: wanted && parked -> parked = false          /* wakes the owner by name */
    :: else -> skip
    fi
  od
}

init {
  atomic {
    hand[0] = OWNER; hand[1] = OWNER;
    run Owner(); run Other(0); run Other(1)
  }
}
