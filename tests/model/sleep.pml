/*
 * The sleep protocol of src/sync/README.md: a host that submits, two workers that park,
 * the host that parks in its turn until all is done. One worker may die at any moment.
 * Checked: nobody sleeps while there is work for it. Two jobs wait for each other to
 * have begun, so that one worker awake is not enough for both.
 *
 * The ring is the number of jobs on it: what a ring does is checked in job.pml.
 */
#define WORKERS 2
#ifndef JOBS
#define JOBS 2
#endif

mtype = { AWAKE, PARKED, SEARCHING, BUSY };

mtype state[WORKERS];
bool sleeping[WORKERS];   /* the sleeping bits: one word, read in one step */
mtype host;
byte ring;                /* jobs that are published and not claimed */
byte begun;
byte completed;           /* the completion stack */
bool holds[WORKERS];      /* has claimed a job and not completed it */
bool dead[WORKERS];
bool told[WORKERS];
bool anyDead;

/* Sleepers.wakeForWork; i, found and bits are the caller's own. */
inline wakeForWork(i, found, bits) {
  if
  :: !sleeping[0] && !sleeping[1] -> skip
  :: else ->
    /* the one that searched when seen last may be asked before all others: any of them */
    i = 0; found = false;
    if
    :: found = state[0] == SEARCHING
    :: found = state[1] == SEARCHING
    :: skip
    fi;
    do
    :: found || i == WORKERS -> break
    :: else -> found = state[i] == SEARCHING; i = i + 1
    od;
    if
    :: found -> skip
    :: else ->
      bits = sleeping[0] + 2 * sleeping[1];
      i = 0;
      do
      :: i == WORKERS -> break
      :: i < WORKERS && !(bits & (1 << i)) -> i = i + 1
      :: else ->
        d_step { found = (state[i] == PARKED); if :: found -> state[i] = SEARCHING :: else -> skip fi };
        if
        :: found -> break
        :: else -> i = i + 1
        fi
      od
    fi
  fi
}

/* The host's parking place: Parker.unpark */
inline unparkHost() {
  if
  :: d_step { host == PARKED -> host = SEARCHING }
  :: host != PARKED
  fi
}

proctype Host() {
  byte submitted = 0;
  byte settled = 0;
  byte i;
  bool found;
  byte bits;
  byte w;
  do
  :: submitted < JOBS ->
    ring = ring + 1;                        /* publish, then look who sleeps */
    submitted = submitted + 1;
    wakeForWork(i, found, bits)
  :: submitted == JOBS && settled < completed -> settled = completed
  :: told[0] || told[1] ->
    if
    :: told[0] -> w = 0
    :: told[1] -> w = 1
    fi;
    told[w] = false;
    sleeping[w] = false; state[w] = AWAKE;  /* Sleepers.retract for one that is gone */
    if
    :: holds[w] -> holds[w] = false; completed = completed + 1 /* it fails */
    :: else -> skip
    fi;
    wakeForWork(i, found, bits)             /* whoever submitted has relied on it */
  :: submitted == JOBS && settled == JOBS -> break
  :: submitted == JOBS && settled == completed && settled < JOBS && !told[0] && !told[1] ->
    host = PARKED;                          /* announce */
#ifndef M_HOST_LOOKS_NO_MORE
    if
    :: settled < completed -> host = AWAKE
    :: else ->
#endif
      if
      :: host != PARKED -> skip             /* woken by a completion */
      :: told[0] || told[1] -> skip         /* or by the runtime's own event */
      fi;
      host = AWAKE
#ifndef M_HOST_LOOKS_NO_MORE
    fi
#endif
  od
}

proctype Worker(byte me) {
  byte i;
  bool found;
  byte bits;
  bool first;
  {
    do
    :: ring > 0 ->                          /* search: there is work */
#ifndef M_BUSY_LATE
      state[me] = BUSY;
#endif
      first = true;
      do
      :: d_step { ring > 0 -> ring = ring - 1; holds[me] = true };
        begun = begun + 1;
#ifndef M_NOT_PASSED_ON
        if
        :: first && ring > 0 -> first = false; wakeForWork(i, found, bits)
        :: else -> first = false
        fi;
#endif
#ifdef M_BUSY_LATE
        state[me] = BUSY;
#endif
        begun >= 2 || anyDead;              /* the job: waits until two have begun */
        d_step { holds[me] = false; completed = completed + 1 };
        unparkHost()
      :: ring == 0 -> break
      od
    :: ring == 0 ->
      state[me] = SEARCHING;
      if
      :: ring > 0 -> skip                   /* found while it spun */
      :: true ->
        state[me] = PARKED;                 /* announce: the word, then the bit */
        sleeping[me] = true;
#ifndef M_LOOKS_NO_MORE
        if
        :: ring > 0 -> skip
        :: else ->
#endif
end:      state[me] != PARKED               /* Atomics.wait */
#ifndef M_LOOKS_NO_MORE
        fi;
#else
        ;
#endif
        sleeping[me] = false;               /* retract */
        state[me] = SEARCHING
      fi
    od
  } unless { dead[me] }
}

proctype Death() {
  if
  :: skip
  :: d_step { dead[0] = true; anyDead = true }; told[0] = true
  :: d_step { dead[1] = true; anyDead = true }; told[1] = true
  fi
}

init {
  atomic {
    state[0] = AWAKE; state[1] = AWAKE; host = AWAKE;
    run Host(); run Worker(0); run Worker(1); run Death()
  }
}
