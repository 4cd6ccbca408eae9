/*
 * Deaths as the owner of a worker's lane learns of them (src/transport/README.md, lanes
 * of workers): one owner, one place in the pool whose worker may die and be followed by
 * another that gets the same runner number at once, and the host between them. Checked:
 * each job of the owner is settled exactly once, though its thief dies at any moment, and
 * a runner's number is never mistaken for that of the one before.
 *
 * One slot is enough: what several do to each other is checked in job.pml.
 */
#define JOBS 3
#define LIVES 3
#define THIEF 1
#define NOBODY 0

mtype = { FREE, READY, RUNNING, DONE };

mtype phase;            /* of the slot: phase and runner are one word */
byte runner;
byte claimedBy;         /* which life did, for the checks alone: the slot does not tell */
byte settled[JOBS];
byte job;
bool completed;         /* the completion stack */
bool open;              /* OPEN: the owner's bit */

byte deaths;            /* DEATHS */
bool gone;              /* GONE of the runner number */
byte life;              /* LIFE: which life has the runner number */
byte known;             /* KNOWN of the owner: the life that it knows by this number */
chan mail = [LIVES] of { byte };  /* the host's messages of newcomers, in order */
bool dead[LIVES + 1];   /* by life: takes no further step */
bool over;

inline settle() {
  d_step { settled[job]++; assert(settled[job] == 1); phase = FREE; runner = NOBODY }
}

/* What the life that the owner knows has left; once for each life. */
inline repair() {
  if
  :: repaired == acquaintance -> skip
  :: else ->
    repaired = acquaintance;
    if
    :: completed -> completed = false; assert(phase == DONE); settle(); ended = true
    :: !completed && phase != FREE && phase != READY && runner == THIEF ->
      assert(claimedBy == acquaintance);        /* not another one's */
      settle();                                 /* RUNNING, or DONE and not pushed */
      ended = true
    :: else -> skip
    fi
  fi
}

proctype Owner() {
  byte count;
  byte newcomer;
  byte seenHere = 0;
  byte acquaintance = 1;
  byte repaired = 0;
  bool ended;
  job = 0;
  do
  :: job == JOBS -> break
  :: job < JOBS ->
    open = true;
    ended = false;
    phase = READY;                              /* publish */
    do
    :: ended -> break
    :: !ended && completed ->
      completed = false;
      assert(phase == DONE);
      settle();
      ended = true
    :: !ended && deaths != seenHere ->
      seenHere = deaths;
      if
      :: gone || life != acquaintance -> repair()
      :: else -> skip
      fi
    :: !ended && nempty(mail) ->
      mail ? newcomer;
#ifdef M_INTRODUCED_FIRST
      known = newcomer;
#endif
#ifndef M_NOT_BURIED
      repair();                                 /* before its number is another one's */
#endif
      acquaintance = newcomer;
      known = newcomer
    :: d_step { !ended && phase == READY -> phase = RUNNING; runner = NOBODY };
      settle();                                 /* takes it back and runs it itself */
      ended = true
    od;
    if
    :: open = false                             /* none is unsettled */
    :: skip                                     /* the next one follows at once */
    fi;
    job = job + 1
  od;
  over = true
}

proctype Thief(byte me) {
  {
    do
    :: over -> break
#ifdef M_STRANGER
    :: open && life == me && phase == READY ->
#else
    :: open && life == me && known >= me && phase == READY ->
#endif
      if
      :: d_step { phase == READY -> phase = RUNNING; runner = THIEF; claimedBy = me };
        if
        :: d_step { phase == RUNNING && runner == THIEF && claimedBy == me -> phase = DONE };
          completed = true                      /* push, then wake the owner */
        :: phase != RUNNING || runner != THIEF || claimedBy != me
        fi
      :: phase != READY
      fi
    od
  } unless { dead[me] }
}

proctype Host() {
  bool vacant = false;
  bool given_up = false;
  byte others = 0;
  do
  :: over -> break
  :: others < 1 -> others = others + 1;         /* a worker with another number dies */
    deaths = deaths + 1
  :: !vacant && !given_up && life < LIVES -> dead[life] = true;       /* the thief dies, at any moment */
#ifdef M_COUNTED_FIRST
    deaths = deaths + 1;
    gone = true;
#else
    gone = true;
    deaths = deaths + 1;
#endif
    vacant = true
  :: vacant ->
    gone = false;                               /* another gets its number: the words are cleared, */
    life = life + 1;                            /* then say whose they are */
    run Thief(life);
    mail ! life;
    vacant = false
  :: vacant ->
    vacant = false;                             /* or nobody does: the pool is closing */
    given_up = true
  od
}

init {
  atomic {
    phase = FREE; runner = NOBODY; life = 1; known = 1;
    run Owner(); run Thief(1); run Host()
  }
}
