/*
 * Results in a thief's arena for owners that die (src/transport/README.md, lanes of
 * workers): one thief, one place in the pool whose worker may die at any moment and be
 * followed by another that gets the same runner number at once, and the host between
 * them. Checked: no block of the arena is given back twice, by owner and thief or by the
 * thief alone, whatever has it by then; and in the end the only ones lost are of owners
 * that ended between the two steps that say so.
 *
 * The thief looks for dead owners whenever it likes, also in the middle of a job: where it
 * finds no room, and in code of the user's.
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
  bool hasBlock;                    /* what the result is: in a block, or nothing */
  byte block
};
Lane lanes[LIVES + 1];

bool taken[BLOCKS];                 /* the thief's arena */
bool lost[BLOCKS];                  /* by an owner that died in its last step but one */

byte deaths;                        /* DEATHS */
bool gone;                          /* GONE of the runner number */
bool out;                           /* OUT of it */
byte life;                          /* LIFE */
chan mail = [LIVES] of { byte };
bool dead[LIVES + 1];               /* takes no further step */
bool ended;                         /* the host has no more to say */

inline give(which) {
  d_step { assert(taken[which]); taken[which] = false }
}

/* The owner of the lane of life me, until it dies. */
proctype Owner(byte me) {
  byte mine = NONE;
  {
end:
    do
    :: lanes[me].phase == FREE -> lanes[me].phase = READY
    :: lanes[me].phase == DONE ->
      if
      :: lanes[me].hasBlock ->
        mine = lanes[me].block;
#ifdef M_GIVEN_FIRST
        give(mine);
        lanes[me].hasBlock = false;
#else
        d_step { lanes[me].hasBlock = false; lost[mine] = true };
        if
#ifndef M_OUT_UNHEEDED
        :: out -> skip              /* it has ended, and goes on for a moment */
#endif
        :: atomic { !dead[me] && !out -> give(mine); lost[mine] = false }
#ifdef M_OUT_UNHEEDED
        :: atomic { !dead[me] && out -> give(mine) }
#endif
        fi;
#endif
        mine = NONE
      :: else -> skip
      fi;
      lanes[me].phase = FREE
    od
  } unless { dead[me] }
}

#define BURIED(k) (gone || life != k)
#define GONE(k) (out || BURIED(k))

/* Takes back what the one whom it knows has not read, once; nothing more is sent there. */
inline reclaimFrom() {
  if
  :: !reclaimed[known] ->
    reclaimed[known] = true;
    if
    :: lanes[known].phase == DONE && lanes[known].hasBlock ->
      unread = lanes[known].block;
      give(unread)
    :: else -> skip
    fi
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
  byte unread;
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
          lanes[served].hasBlock = true;
          lanes[served].phase = DONE
        fi
      fi
    :: lanes[served].phase != READY
    fi
  :: deaths != seen -> reclaim()
  :: nempty(mail) -> mail ? newcomer; hearOf()
  :: ended && empty(mail) && deaths == seen -> break
  od;
  /* All owners are dead, and the thief knows. */
  for (b : 0 .. BLOCKS - 1) { assert(!taken[b] || lost[b]) }
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
