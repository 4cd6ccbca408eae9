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
byte mark[CAPACITY];    /* the position of the entry that stands there, plus one */
byte head;
byte out[ENTRIES];
bool over;

#ifdef M_MARK_WITHOUT_POSITION
#define markOf(position) 1
#define unmarked(position) 0
#else
#define markOf(position) ((position) + 1)
#define unmarked(position) (position)
#endif
#define isPublished(position) (mark[(position) % CAPACITY] == markOf(position))

inline came(e) { d_step { out[e]++; assert(out[e] == 1) } }

proctype Owner() {
  byte published = 0;
  byte mine = 0;        /* the position of its next entry */
  byte position, h;
  do
  :: published < ENTRIES ->
    h = head;
    if
    :: mine - h < CAPACITY ->
      entry[mine % CAPACITY] = published;
      published = published + 1;
      mark[mine % CAPACITY] = markOf(mine);
      mine = mine + 1
    :: else -> skip
    fi
  :: mine > 0 ->        /* pop */
    position = mine - 1;
    h = head;
    if
    :: position < h -> skip
    :: else ->
#ifdef M_HEAD_READ_FIRST
      mark[position % CAPACITY] = unmarked(position); /* too late: the head was read before */
#else
      mark[position % CAPACITY] = unmarked(position);
      h = head;
#endif
      if
      :: position > h -> mine = position; came(entry[position % CAPACITY])
      :: position == h ->
#ifdef M_LAST_WITHOUT_EXCHANGE
        head = h + 1; came(entry[position % CAPACITY])
#else
        if
        :: d_step { head == h -> head = h + 1 }; came(entry[position % CAPACITY])
        :: head != h
        fi
#endif
      :: position < h -> skip
      fi
    fi
  :: published == ENTRIES && head >= mine -> break
  od;
  over = true
}

proctype Thief() {
  byte h, e;
  bool won;
  do
  :: over -> break
  :: isPublished(head) -> /* waits for something to take: only in the model */
    h = head;
    if
    :: !isPublished(h) -> skip
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
