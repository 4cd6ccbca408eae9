/*
 * The two ends of a worker's ring (src/transport/submission_ring.ts, `push`, `pop` and
 * `take`): the owner publishes and takes back, two thieves take. Checked: every entry
 * comes out exactly once. All accesses are sequentially consistent, each a step.
 */
#define THIEVES 2
#ifndef ENTRIES
#define ENTRIES 3
#endif
#define CAPACITY 2

byte entry[CAPACITY];
byte head;
byte tail;              /* up to one less than the head, while the owner takes back */
byte out[ENTRIES];
bool over;

inline came(e) { d_step { out[e]++; assert(out[e] == 1) } }

proctype Owner() {
  byte published = 0;
  byte mine = 0;        /* its own copy of the tail */
  byte position, h;
  do
  :: published < ENTRIES ->
    h = head;
    if
    :: mine - h < CAPACITY ->
      entry[mine % CAPACITY] = published;
      published = published + 1;
      mine = mine + 1;
      tail = mine
    :: else -> skip
    fi
  :: mine > 0 ->        /* pop */
    position = mine - 1;
    h = head;
    if
    :: position < h -> skip
    :: else ->
#ifdef M_HEAD_READ_FIRST
      tail = position;  /* too late: the head was read before */
#else
      tail = position;
      h = head;
#endif
      if
      :: position > h -> mine = position; came(entry[position % CAPACITY])
      :: position == h ->
#ifdef M_LAST_WITHOUT_EXCHANGE
        head = h + 1; came(entry[position % CAPACITY]);
#else
        if
        :: d_step { head == h -> head = h + 1 }; came(entry[position % CAPACITY])
        :: head != h
        fi;
#endif
        tail = mine
      :: position < h -> tail = mine
      fi
    fi
  :: published == ENTRIES && head >= mine -> break
  od;
  over = true
}

proctype Thief() {
  byte h, t, e;
  bool won;
  do
  :: over -> break
  :: head < tail ->     /* waits for something to take: only in the model */
    h = head;
    t = tail;
    if
    :: t <= h -> skip
    :: else ->
      e = entry[h % CAPACITY];
#ifdef M_TAKEN_WITHOUT_EXCHANGE
      head = h + 1; came(e)
#else
      d_step { won = (head == h); if :: won -> head = h + 1 :: else -> skip fi };
      if
      :: won -> came(e)
      :: else -> skip
      fi
#endif
    fi
  od
}

init {
  byte e;
  atomic { run Owner(); run Thief(); run Thief() };
  over;
  e = 0;
  do
  :: e == ENTRIES -> break
  :: else -> out[e] == 1; e = e + 1   /* blocks for ever where an entry was lost */
  od
}
