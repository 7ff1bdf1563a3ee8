"""Tries every system call of x86_64 that a program should not have, and says what came of each.

A program for the sandbox. Each call is made in a process of its own, by number and with arguments
that do no harm where it is open. What is printed is one JSON object: groups of calls, and for each
call the error's name, ``done`` when there was none, or the signal that ended the process.

`CALLS` and the allowed calls together are all there are up to Linux 6.19, but for ``uretprobe`` and
``uprobe``: the kernel makes them itself while it is traced, so it lets them pass every filter.
"""

import ctypes
import errno
import json
import mmap
import os
import signal

CALLS = """
mincore 27  shmget 29  shmat 30  shmctl 31  socket 41  connect 42  accept 43  bind 49  listen 50
setsockopt 54  semget 64  semop 65  semctl 66  shmdt 67  msgget 68  msgsnd 69  msgrcv 70
msgctl 71  getdents 78  ptrace 101  syslog 103  setuid 105  setgid 106  setreuid 113  setregid 114
setgroups 116  setresuid 117  setresgid 119  setfsuid 122  setfsgid 123  capget 125  capset 126
rt_sigqueueinfo 129  uselib 134  ustat 136  sysfs 139  sched_setparam 142  sched_setscheduler 144
mlock 149  munlock 150  mlockall 151  munlockall 152  vhangup 153  modify_ldt 154  pivot_root 155
_sysctl 156  adjtimex 159  chroot 161  sync 162  acct 163  settimeofday 164  mount 165
umount2 166  swapon 167  swapoff 168  reboot 169  sethostname 170  setdomainname 171  iopl 172
ioperm 173  create_module 174  init_module 175  delete_module 176  get_kernel_syms 177
query_module 178  quotactl 179  nfsservctl 180  getpmsg 181  putpmsg 182  afs_syscall 183
tuxcall 184  security 185  readahead 187  setxattr 188  lsetxattr 189  fsetxattr 190
removexattr 197  lremovexattr 198  fremovexattr 199  tkill 200  sched_setaffinity 203
set_thread_area 205  io_setup 206  io_destroy 207  io_getevents 208
io_submit 209  io_cancel 210  get_thread_area 211
lookup_dcookie 212  epoll_create 213  epoll_ctl_old 214  epoll_wait_old 215  remap_file_pages 216
semtimedop 220  timer_create 222  timer_settime 223  timer_gettime 224  timer_getoverrun 225
timer_delete 226  clock_settime 227  vserver 236  mbind 237  set_mempolicy 238  get_mempolicy 239
mq_open 240  mq_unlink 241  mq_timedsend 242  mq_timedreceive 243  mq_notify 244
mq_getsetattr 245  kexec_load 246  add_key 248  request_key 249  keyctl 250  ioprio_set 251
ioprio_get 252  inotify_init 253  inotify_add_watch 254  inotify_rm_watch 255  migrate_pages 256
futimesat 261  unshare 272  get_robust_list 274  splice 275  tee 276  sync_file_range 277
vmsplice 278  move_pages 279  signalfd 282  eventfd 284  accept4 288  signalfd4 289
inotify_init1 294  rt_tgsigqueueinfo 297  perf_event_open 298  recvmmsg 299  fanotify_init 300
fanotify_mark 301  name_to_handle_at 303  open_by_handle_at 304  clock_adjtime 305  syncfs 306
sendmmsg 307  setns 308  process_vm_readv 310  process_vm_writev 311  kcmp 312  finit_module 313
sched_setattr 314  sched_getattr 315  seccomp 317  memfd_create 319  kexec_file_load 320  bpf 321
execveat 322  userfaultfd 323  membarrier 324  mlock2 325  pkey_mprotect 329  pkey_alloc 330
pkey_free 331  io_pgetevents 333  io_uring_setup 425  io_uring_enter 426  io_uring_register 427
open_tree 428  move_mount 429  fsopen 430  fsconfig 431  fsmount 432  fspick 433  clone3 435
pidfd_getfd 438  process_madvise 440  mount_setattr 442  quotactl_fd 443
landlock_create_ruleset 444  landlock_add_rule 445  landlock_restrict_self 446  memfd_secret 447
process_mrelease 448  futex_waitv 449  set_mempolicy_home_node 450  cachestat 451
map_shadow_stack 453  futex_wake 454  futex_wait 455  futex_requeue 456  statmount 457
listmount 458  lsm_get_self_attr 459  lsm_set_self_attr 460  lsm_list_modules 461  mseal 462
setxattrat 463  getxattrat 464  listxattrat 465  removexattrat 466  open_tree_attr 467
file_getattr 468  file_setattr 469  listns 470
"""

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

NOWHERE = -1
"""An argument that is no pointer, no descriptor, no process and no known command."""
HARMLESS = {"modify_ldt": (0, 0, 0)}
"""Where -1 looks as if the call did not exist."""

MKNOD, MKNODAT, IOCTL, PRCTL, CLONE, PERSONALITY = 133, 259, 16, 157, 56, 135
SOCKET, SOCKETPAIR, PRLIMIT64, SETPRIORITY = 41, 53, 302, 141
AT_FDCWD, AF_UNIX, SIGCHLD, RLIMIT_NOFILE = -100, 1, 17, 7
I386 = {"getpid": 20, "socketcall": 102, "ptrace": 26, "ipc": 117, "modify_ldt": 123}
X32_BIT = 0x40000000
HIGH = 1 << 32
"""A bit of an argument that the kernel does not read where it takes an int."""

scratch = ctypes.create_string_buffer(256)
here = ctypes.addressof(scratch)
limits = (ctypes.c_ulong * 2)(64, 64)
paths = {name: ctypes.create_string_buffer(b"/tmp/" + name) for name in (b"node", b"fifo", b"pipe")}
node, fifo, pipe = map(ctypes.addressof, paths.values())


def in_a_process(action):
    pid = os.fork()
    if pid == 0:
        os._exit(action())
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    code = os.WEXITSTATUS(status)
    return errno.errorcode[code] if code else "done"


def call(number, *arguments):
    def make():
        ctypes.set_errno(0)
        padded = (*arguments, *(NOWHERE,) * (6 - len(arguments)))
        failed = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, padded)) == -1
        return ctypes.get_errno() if failed else 0

    return in_a_process(make)


def named_calls():
    words = CALLS.split()
    return {
        name: call(int(number), *HARMLESS.get(name, ()))
        for name, number in zip(words[::2], words[1::2], strict=True)
    }


def calls_to_come():
    """Numbers beyond the table, which newer kernels may give a meaning."""
    return {str(number): call(number) for number in (*range(471, 512), 1000, 1 << 29)}


def sockets():
    return {
        f"{family} {kind}": call(SOCKET, family, kind, 0)
        for family in range(46)
        for kind in (1, 2, 3)
    }


def socket_pairs():
    families = (family for family in range(46) if family != AF_UNIX)
    return {str(family): call(SOCKETPAIR, family, 1, 0, here) for family in families}


def refused_arguments():
    ioctls = {
        "TIOCSTI": 0x5412,
        "TIOCLINUX": 0x541C,
        "TIOCSETD": 0x5423,
        "TCSETS": 0x5402,
        "TIOCSPTLCK": 0x40045431,
        "FICLONE": 0x40049409,
        "FS_IOC_SETFLAGS": 0x40086602,
        "SIOCGIFCONF": 0x8912,
        "TIOCSTI, disguised": HIGH | 0x5412,
    }
    options = {
        "PR_SET_SECCOMP": 22,
        "PR_SET_CHILD_SUBREAPER": 36,
        "PR_SET_PTRACER": 0x59616D61,
        "PR_SET_MM": 35,
        "PR_SET_NO_NEW_PRIVS": 38,
        "PR_CAP_AMBIENT": 47,
        "PR_SET_TSC": 26,
        "PR_SET_SPECULATION_CTRL": 53,
        "PR_SET_SYSCALL_USER_DISPATCH": 59,
        "PR_SCHED_CORE": 62,
        "PR_TASK_PERF_EVENTS_DISABLE": 31,
        "PR_SET_THP_DISABLE": 41,
        "disguised": HIGH | 22,
    }
    namespaces = {
        "NEWNS": 0x20000,
        "NEWCGROUP": 0x2000000,
        "NEWUTS": 0x4000000,
        "NEWIPC": 0x8000000,
        "NEWUSER": 0x10000000,
        "NEWPID": 0x20000000,
        "NEWNET": 0x40000000,
    }
    kinds = {"S_IFREG": 0o100000, "S_IFSOCK": 0o140000, "S_IFCHR": 0o020000, "S_IFBLK": 0o060000}
    personas = {"PER_LINUX": 0, "PER_LINUX32": 8, "ADDR_NO_RANDOMIZE": 0x40000}
    return {
        **{f"ioctl {n}": call(IOCTL, 0, v, here) for n, v in ioctls.items()},
        **{f"prctl {n}": call(PRCTL, v) for n, v in options.items()},
        **{f"clone {n}": call(CLONE, v | SIGCHLD, 0, 0, 0, 0) for n, v in namespaces.items()},
        **{f"mknod {n}": call(MKNOD, node, v | 0o600, 0x103) for n, v in kinds.items()},
        **{f"mknodat {n}": call(MKNODAT, AT_FDCWD, node, v, 0x103) for n, v in kinds.items()},
        **{f"personality {n}": call(PERSONALITY, v) for n, v in personas.items()},
        "prlimit64 of PID 1": call(PRLIMIT64, 1, RLIMIT_NOFILE, 0, here),
        "prlimit64 of PID 1, disguised": call(PRLIMIT64, HIGH | 1, RLIMIT_NOFILE, 0, here),
        "setpriority of PID 1": call(SETPRIORITY, 0, 1, 0),
        "setpriority of a group": call(SETPRIORITY, 1, 0, 0),
        "setpriority of a user": call(SETPRIORITY, 2, 0, 0),
    }


def allowed_arguments():
    """The other side of each condition: what would show that nothing is tried at all."""
    return {
        "ioctl TCGETS": call(IOCTL, 0, 0x5401, here),
        "ioctl TCGETS, disguised": call(IOCTL, 0, HIGH | 0x5401, here),
        "prctl PR_GET_DUMPABLE": call(PRCTL, 3),
        "clone": call(CLONE, SIGCHLD, 0, 0, 0, 0),
        "mknod S_IFIFO": call(MKNOD, fifo, 0o010600, 0),
        "mknodat S_IFIFO": call(MKNODAT, AT_FDCWD, pipe, 0o010600, 0),
        "personality": call(PERSONALITY, 0xFFFFFFFF),
        "prlimit64 of itself": call(PRLIMIT64, 0, RLIMIT_NOFILE, ctypes.addressof(limits), 0),
        "setpriority of itself": call(SETPRIORITY, 0, 0, 5),
        "socketpair": call(SOCKETPAIR, AF_UNIX, 1, 0, here),
        "socketpair, disguised": call(SOCKETPAIR, HIGH | AF_UNIX, 1, 0, here),
    }


def i386():
    """A call by the gate of 32-bit programs: the number in eax, then int 0x80."""

    def gate(number):
        code = b"\xb8" + number.to_bytes(4, "little") + b"\xcd\x80\x48\x98\xc3"
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(code)
        enter = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
        return max(0, -enter())

    return {name: in_a_process(lambda n=n: gate(n)) for name, n in I386.items()}


def x32():
    numbers = {"read": 0, "getpid": 39, "ptrace": 521, "execve": 520, "ioctl": 514, "socket": 41}
    return {name: call(X32_BIT | number) for name, number in numbers.items()}


print(
    json.dumps(
        {
            "calls": named_calls(),
            "calls to come": calls_to_come(),
            "sockets": sockets(),
            "socket pairs": socket_pairs(),
            "refused arguments": refused_arguments(),
            "allowed arguments": allowed_arguments(),
            "i386": i386(),
            "x32": x32(),
        }
    )
)
