/*
 * Deaths as the owner of a worker's lane learns of them (src/transport/README.md, lanes
 * of workers): one owner, one place in the pool whose worker may die and be followed by
 * another that gets the same runner number, and the host between them. Checked: each job
 * of the owner is settled exactly once, though its thief dies at any moment, and a runner's
 * number is never mistaken for that of the one before.
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
byte settled[JOBS];
byte job;
bool completed;         /* the completion stack */
bool open;              /* OPEN: the owner's bit */
bool ownerWoken;

byte deaths;            /* DEATHS */
byte seen;              /* DEATHS_SEEN of the owner */
byte gone;              /* GONE of the runner number: the number of its death, or 0 */
byte life;              /* which life has the runner number */
bool dead[LIVES + 1];   /* by life: takes no further step */
bool over;

inline settle() {
  d_step { settled[job]++; assert(settled[job] == 1); phase = FREE; runner = NOBODY }
}

proctype Owner() {
  byte count;
  byte seenHere = 0;
  job = 0;
  do
  :: job == JOBS -> break
  :: job < JOBS ->
#ifdef M_COUNTED_BEFORE_OPEN
    seenHere = deaths;
    seen = seenHere;
    open = true;
#else
    open = true;
    seenHere = deaths;                          /* no job is in anybody's hands */
    seen = seenHere;
#endif
    phase = READY;                              /* publish */
    do
    :: completed ->
      completed = false;
      assert(phase == DONE);
      settle();
      break
    :: deaths != seenHere ->
      count = deaths;
      if
#ifdef M_REPAIRS_FOR_ALL_GONE
      :: gone != 0 ->
#else
      :: gone > seenHere ->
#endif
        if
        :: completed -> completed = false; assert(phase == DONE); settle(); seenHere = count; seen = count; break
        :: !completed && phase == RUNNING && runner == THIEF -> settle(); seenHere = count; seen = count; break
        :: !completed && phase == DONE && runner == THIEF -> settle(); seenHere = count; seen = count; break /* not pushed */
        :: else -> skip
        fi
      :: else -> skip
      fi;
      seenHere = count;
      seen = count
    :: d_step { phase == READY -> phase = RUNNING; runner = NOBODY };
      settle();                                 /* takes it back and runs it itself */
      break
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
    :: open && life == me && phase == READY ->
      if
      :: d_step { phase == READY -> phase = RUNNING; runner = THIEF };
        if
        :: d_step { phase == RUNNING && runner == THIEF -> phase = DONE };
          completed = true                      /* push, then wake the owner */
        :: phase != RUNNING || runner != THIEF
        fi
      :: phase != READY
      fi
    od
  } unless { dead[me] }
}

proctype Host() {
  byte death = 0;
  byte others = 0;
  bool vacant = false;
  do
  :: over -> break
  :: others < 1 -> others = others + 1;         /* a worker with another number dies */
    death = death + 1;
    deaths = death
  :: !vacant && life < LIVES -> dead[life] = true;       /* the thief dies, at any moment */
    death = death + 1;
#ifdef M_COUNTED_FIRST
    deaths = death;
    gone = death;
#else
    gone = death;
    deaths = death;
#endif
    vacant = true
#ifdef M_REUSED_EARLY
  :: vacant ->
#else
  :: vacant && (!open || seen >= gone) ->
#endif
    d_step { gone = 0; life = life + 1 };       /* another gets its number */
    vacant = false;
    run Thief(life)
  od
}

init {
  atomic {
    phase = FREE; runner = NOBODY; life = 1;
    run Owner(); run Thief(1); run Host()
  }
}
