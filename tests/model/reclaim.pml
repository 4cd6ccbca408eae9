/*
 * Blocks of a thief's arena in the hands of owners that may die (src/transport/README.md,
 * lanes of workers): one thief, one place in the pool whose worker may die at any moment
 * and be followed by another that gets the same runner number at once, and the host between
 * them. Checked: no block is given back twice, by owner and thief or by the thief alone,
 * whatever has it by then; and in the end none is lost.
 *
 * The thief takes back what a dead owner had whenever it likes, also in the middle of a
 * job: where it finds no room, and in code of the user's.
 */
#ifndef LIVES
#define LIVES 2
#endif
#define BLOCKS 2
#define THIEF 1
#define NONE 255

mtype = { FREE, READY, RUNNING, DONE };

typedef Lane {                      /* of one life; each life has its own memory */
  mtype phase;
  byte block
};
Lane lanes[LIVES + 1];

bool taken[BLOCKS];                 /* the thief's arena */
byte lent[BLOCKS];                  /* the thief's own account: to which life; 0 for none */
bool returned[BLOCKS];              /* the return stack */

byte deaths;                        /* DEATHS */
bool gone;                          /* GONE of the runner number */
bool out;                           /* OUT of it */
byte life;                          /* LIFE */
chan mail = [LIVES] of { byte };
bool dead[LIVES + 1];               /* takes no further step */
bool ended;                         /* the host has no more to say */

inline give(which) {
  d_step { assert(taken[which]); taken[which] = false; lent[which] = 0 }
}

/* The owner of the lane of life me, until it dies. Having read it may keep the block for long. */
proctype Owner(byte me) {
  byte mine = NONE;
  {
end:
    do
    :: lanes[me].phase == FREE && mine == NONE -> lanes[me].phase = READY
    :: lanes[me].phase == DONE -> mine = lanes[me].block; lanes[me].phase = FREE
    :: mine != NONE ->
      if
#ifndef M_OUT_UNHEEDED
      :: out -> skip                /* it has ended, and goes on for a moment */
#endif
#ifdef M_OUT_UNHEEDED
      :: atomic { out -> assert(!returned[mine]); returned[mine] = true }
#endif
      :: atomic { !dead[me] && !out -> assert(!returned[mine]); returned[mine] = true }
      fi;
      mine = NONE
    od
  } unless { dead[me] }
}

#define BURIED(k) (gone || life != k)
#define GONE(k) (out || BURIED(k))

/* Whenever it needs room, and before it takes back. */
inline collect() {
  for (at : 0 .. BLOCKS - 1) {
    if
    :: returned[at] -> returned[at] = false; give(at)
    :: else -> skip
    fi
  }
}

/* Takes back what the one whom it knows has, once; nothing more is sent there. */
inline reclaimFrom() {
  if
  :: !reclaimed[known] ->
    reclaimed[known] = true;
#ifndef M_NOT_COLLECTED
    collect();
#endif
    for (at : 0 .. BLOCKS - 1) {
      if
      :: lent[at] == known -> give(at)
      :: else -> skip
      fi
    }
  :: else -> skip
  fi
}

inline reclaim() {
  if
  :: deaths != seen ->
    seen = deaths;
    if
    :: BURIED(known) -> reclaimFrom()
    :: else -> skip
    fi
  :: else -> skip
  fi
}

/* It gets to know another worker by the number of the one that it knew. */
inline hearOf() {
#ifdef M_FORGOTTEN
  reclaim();
#else
  reclaimFrom();
#endif
  known = newcomer
}

proctype Thief() {
  byte known = 1;
  byte served;
  byte newcomer;
  byte seen = 0;
  byte b;
  byte at;
  bool reclaimed[LIVES + 1];
  do
  :: !GONE(known) && lanes[known].phase == READY ->
    served = known;
    if
    :: d_step { lanes[served].phase == READY -> lanes[served].phase = RUNNING };
      if
      :: GONE(served) -> skip       /* not wanted: nothing is sent */
      :: !GONE(served) ->
        do                          /* a getter of the result's may do anything */
        :: reclaim()
        :: nempty(mail) -> mail ? newcomer; hearOf()
        :: break
        od;
        b = NONE;
        if
        :: d_step { !taken[0] -> taken[0] = true; b = 0 }
        :: d_step { taken[0] && !taken[1] -> taken[1] = true; b = 1 }
        :: taken[0] && taken[1] -> reclaim();
          if
          :: d_step { !taken[0] -> taken[0] = true; b = 0 }
          :: d_step { taken[0] && !taken[1] -> taken[1] = true; b = 1 }
          :: taken[0] && taken[1]   /* it waits for room; here, for ever */
          fi
        fi;
        if
        :: b == NONE -> skip
#ifndef M_SENT_TOO_LATE
        :: b != NONE && reclaimed[served] -> give(b)   /* nobody will look there again */
        :: b != NONE && !reclaimed[served] ->
#else
        :: b != NONE ->
#endif
          lanes[served].block = b;
          lanes[served].phase = DONE;
          lent[b] = served
        fi
      fi
    :: lanes[served].phase != READY
    fi
  :: deaths != seen -> reclaim()
  :: returned[0] || returned[1] -> collect()
  :: nempty(mail) -> mail ? newcomer; hearOf()
  :: ended && empty(mail) && deaths == seen -> break
  od;
  /* All owners are dead, and the thief knows. */
  collect();
  for (b : 0 .. BLOCKS - 1) { assert(!taken[b]) }
}

proctype Host() {
  do
  :: out = true;                    /* it has ended by its own hand; its code may still run, */
    gone = true;                    /* and its number is given to nobody meanwhile */
    deaths++;
    break
  :: dead[life] = true;             /* or its thread has ended */
    gone = true;
    deaths++;
    if
    :: life == LIVES -> break
    :: life < LIVES ->
      gone = false;                 /* another gets its number: the words are cleared, */
      life++;                       /* then say whose they are */
      run Owner(life);
      mail ! life
    fi
  od;
  ended = true
}

init {
  byte i;
  atomic {
    for (i : 0 .. LIVES) { lanes[i].phase = FREE }
    life = 1;
    run Owner(1); run Thief(); run Host()
  }
}
