/*
 * The job protocol of src/transport/README.md: an owner, two runners, two slots, one
 * of the runners may die between any two steps, the owner may give up any job at any
 * time. Checked: every job is settled exactly once, with its own result; none is lost;
 * no slot stays in use. The names of the steps are those of the README's table.
 *
 * tools/models.js checks it, and that each mutation (M_...) is caught.
 */
#define RUNNERS 2
#define SLOTS 2
#ifndef JOBS
#define JOBS 2
#endif
#define CAPACITY 4
#define GIVE_UPS 1  /* no more: a job that is lost must not be saved by that */
#define NOBODY 7
#define NONE 9

mtype = { FREE, READY, RUNNING, DONE, ABANDONED, RETIRED };

typedef Slot {
  mtype phase;      /* phase, runner and generation are one word: changed in one step */
  byte runner;
  byte generation;
  byte job;         /* what the owner writes before it publishes */
  byte result;      /* what the runner writes */
  byte next;        /* the link that was the completion stack's top before */
  byte position;    /* of its entry on the ring; known to the owner */
  bool awaited      /* somebody waits for the job; known to the owner */
}
Slot slot[SLOTS];

byte entrySlot[CAPACITY];
byte entryGeneration[CAPACITY];
byte mark[CAPACITY]; /* the position of the entry that stands there, plus one */
byte head;
byte tail;          /* known to the owner */

/* A link of the completion stack: a slot, and above it how many were pushed before. */
#define PUSH 2
#define slotOf(link) (link % PUSH)
#ifdef M_LINK_WITHOUT_COUNT
#define linkOn(below, s) (PUSH + s)
#else
#define linkOn(below, s) (below - slotOf(below) + PUSH + s)
#endif
byte top;           /* the newest link */
byte taken;         /* the newest that the owner has taken; known to it */

bool dead[RUNNERS]; /* takes no further step */
bool told[RUNNERS]; /* the owner may know of it */
bool repaired[RUNNERS];
byte settled[JOBS];
byte begun[JOBS];
bool over;

inline pushEntry(s) {
  entrySlot[tail % CAPACITY] = s;
  entryGeneration[tail % CAPACITY] = slot[s].generation;
  slot[s].position = tail;
  tail = tail + 1;
  mark[slot[s].position % CAPACITY] = tail
}

inline settle(s) {
  assert(slot[s].awaited);
  slot[s].awaited = false;
  settled[slot[s].job]++;
  assert(settled[slot[s].job] == 1)
}

inline release(s) {
  slot[s].generation = slot[s].generation + 1;
  slot[s].runner = NOBODY;
  slot[s].phase = FREE
}

/* DONE or RETIRED: nobody else can reach the slot any more. */
inline comeBack(s) {
  if
  :: slot[s].phase == DONE ->
    assert(slot[s].result == slot[s].job + 1);
    settle(s)
  :: else ->
    assert(slot[s].phase == RETIRED)
  fi;
  release(s)
}

#define isPublished(position) (mark[(position) % CAPACITY] == (position) + 1)

/* take all: one read; what lies below, down to what was taken before, nobody else touches */
inline takeAll() {
  newest = top;
  link = newest;
  do
  :: link == taken -> break
  :: else ->
    d_step { s = slotOf(link); link = slot[s].next };
    d_step { comeBack(s) }
  od;
  taken = newest
}

proctype Owner() {
  byte submitted = 0;
  byte givenUp = 0;
  byte newest, link, s, w;
  do
  :: submitted < JOBS && tail - head < CAPACITY && (slot[0].phase == FREE || slot[1].phase == FREE) ->
    if
    :: slot[0].phase == FREE -> s = 0
    :: slot[0].phase != FREE -> s = 1
    fi;
    d_step {
      slot[s].job = submitted;
      slot[s].result = 0;
      slot[s].awaited = true;
      slot[s].runner = NOBODY;
      slot[s].phase = READY;                   /* occupy: nobody else can reach it */
      submitted = submitted + 1
    };
    d_step { pushEntry(s) }                    /* publish */
  :: top != taken -> takeAll()
  :: givenUp < GIVE_UPS && (slot[0].awaited || slot[1].awaited) -> /* give up one of them */
    givenUp = givenUp + 1;
    if
    :: slot[0].awaited -> s = 0
    :: slot[1].awaited -> s = 1
    fi;
    if
    :: d_step { slot[s].phase == READY -> slot[s].phase = FREE }; /* cancel */
      d_step { settle(s); release(s) }
#ifdef M_ABANDON_BLINDLY
    :: slot[s].phase == RUNNING;
      d_step { slot[s].phase = ABANDONED; settle(s) }
#else
    :: d_step { slot[s].phase == RUNNING -> slot[s].phase = ABANDONED; settle(s) } /* abandon */
#endif
    :: slot[s].phase == DONE -> skip           /* it has come to its end */
    fi
  :: told[0] && !repaired[0] || told[1] && !repaired[1] ->
    if
    :: told[0] && !repaired[0] -> w = 0
    :: told[1] && !repaired[1] -> w = 1
    fi;
#ifndef M_REPAIR_BEFORE_TAKING
    takeAll();
#endif
    s = 0;
    do
    :: s == SLOTS -> break
    :: else ->
      if
      :: slot[s].phase == READY ->
#ifndef M_NO_REQUEUE
        if
        :: head > slot[s].position && tail - head < CAPACITY -> d_step { pushEntry(s) }
        :: else -> skip
        fi
#else
        skip
#endif
      :: slot[s].phase != READY && slot[s].phase != FREE && slot[s].runner == w ->
        if
        :: slot[s].phase == DONE -> d_step { comeBack(s) }
        :: slot[s].phase == RUNNING -> d_step { settle(s); release(s) } /* WorkerCrashedError */
        :: slot[s].phase == ABANDONED || slot[s].phase == RETIRED -> d_step { release(s) }
        fi
      :: else -> skip
      fi;
      s = s + 1
    od;
    repaired[w] = true
  :: submitted == JOBS && slot[0].phase == FREE && slot[1].phase == FREE -> break
  od;
  w = 0;
  do
  :: w == JOBS -> break
  :: else -> assert(settled[w] == 1); w = w + 1
  od;
  over = true
}

proctype Runner(byte me) {
  byte at, s, generation, below;
  bool won;
  {
    do
    :: over -> break
    :: isPublished(head) ->
      /* take */
      at = head;
      if
      :: !isPublished(at) -> goto again
      :: else -> skip
      fi;
      d_step { s = entrySlot[at % CAPACITY]; generation = entryGeneration[at % CAPACITY] };
      d_step { won = (head == at); if :: won -> head = at + 1 :: else -> skip fi };
      if
      :: !won -> goto again
      :: else -> skip
      fi;
      /* claim */
#ifdef M_CLAIM_BLINDLY
      won = (slot[s].phase == READY && slot[s].generation == generation);
      if :: won -> d_step { slot[s].phase = RUNNING; slot[s].runner = me } :: else -> skip fi;
#else
      d_step {
        won = (slot[s].phase == READY && slot[s].generation == generation);
        if :: won -> slot[s].phase = RUNNING; slot[s].runner = me :: else -> skip fi
      };
#endif
      if
      :: !won -> goto again
      :: else -> skip
      fi;
      begun[slot[s].job]++;
      slot[s].result = slot[s].job + 1;
      /* complete, or else retire */
#ifdef M_COMPLETE_BLINDLY
      slot[s].phase = DONE;
#else
      d_step {
        won = (slot[s].phase == RUNNING && slot[s].runner == me && slot[s].generation == generation);
        if
        :: won -> slot[s].phase = DONE
        :: else ->
          won = (slot[s].phase == ABANDONED && slot[s].runner == me && slot[s].generation == generation);
          if :: won -> slot[s].phase = RETIRED :: else -> skip fi
        fi
      };
      if
      :: !won -> goto again
      :: else -> skip
      fi;
#endif
      /* push */
      do
      :: below = top;
        slot[s].next = below;
#ifdef M_PUSH_BLINDLY
        top = linkOn(below, s); break
#else
        d_step { won = (top == below); if :: won -> top = linkOn(below, s) :: else -> skip fi };
        if
        :: won -> break
        :: else -> skip
        fi
#endif
      od;
again: skip
    od
  } unless { dead[me] }
}

/* One runner may die, at any moment; the owner hears of it when it takes no step any more. */
proctype Death() {
  if
  :: skip
  :: dead[0] = true; told[0] = true
  :: dead[1] = true; told[1] = true
  fi
}

init {
  byte s = 0;
  atomic {
    do
    :: s == SLOTS -> break
    :: else -> slot[s].phase = FREE; slot[s].runner = NOBODY; s = s + 1
    od;
    run Owner();
    run Runner(0);
    run Runner(1);
    run Death()
  }
}
