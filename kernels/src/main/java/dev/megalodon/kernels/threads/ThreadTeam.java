package dev.megalodon.kernels.threads;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of threads that work on one call at a time, the calling thread among them. Parts
 * are handed out as members become free, so a member that the system does not run delays nobody.
 * Which member gets which part is not determined: a task's result must not depend on it.
 *
 * <p>One thread at a time may call {@link #forEach}, and not from within a task.
 */
public final class ThreadTeam implements AutoCloseable {
  /** A part of a call. */
  @FunctionalInterface
  public interface RangeTask {
    /**
     * Works on items {@code from} to {@code to − 1}.
     *
     * @param member 0 to size − 1; no two parts run at once with the same one
     */
    void run(int member, long from, long to);
  }

  /** Parts per member: enough to even out differences, few enough to cost nothing. */
  private static final int PARTS_PER_MEMBER = 4;

  /** Looks at the next call before a thread sleeps: some 20 µs, about what waking it costs. */
  private static final int SPINS = 500;

  private final List<Helper> helpers = new ArrayList<>();
  private final int size;
  private final int spins;
  private volatile @Nullable Call current;
  private volatile boolean closed;

  /**
   * Starts {@code size − 1} threads.
   *
   * @throws IllegalArgumentException when the size is not positive
   */
  public ThreadTeam(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a team needs at least one thread, not " + size);
    }
    this.size = size;
    this.spins = size <= Runtime.getRuntime().availableProcessors() ? SPINS : 0;
    for (int member = 1; member < size; member++) {
      Helper helper = new Helper(member);
      helpers.add(helper);
      helper.thread.start();
    }
  }

  /** Members, the caller included. */
  public int size() {
    return size;
  }

  /**
   * Runs a task over all items and returns when all are done.
   *
   * @param smallestPart items that are not worth splitting further
   * @throws RuntimeException what the task threw; other parts may have run
   */
  public void forEach(long items, long smallestPart, RangeTask task) {
    long part = Math.max(smallestPart, Math.ceilDiv(items, (long) size * PARTS_PER_MEMBER));
    if (size == 1 || items <= part) {
      if (items > 0) {
        task.run(0, 0, items);
      }
      return;
    }
    Call call = new Call(task, items, part);
    current = call;
    helpers.forEach(Helper::wake);
    call.help(0);
    call.awaitEnd(spins);
    current = null;
  }

  /** Ends the threads once they are idle. */
  @Override
  public void close() {
    closed = true;
    helpers.forEach(helper -> LockSupport.unpark(helper.thread));
  }

  /** One call's items and how far they are. */
  private static final class Call {
    private final RangeTask task;
    private final long items;
    private final long part;
    private final Thread caller = Thread.currentThread();
    private final AtomicLong next = new AtomicLong();
    private final AtomicInteger unfinished;
    private volatile @Nullable Throwable failure;

    Call(RangeTask task, long items, long part) {
      this.task = task;
      this.items = items;
      this.part = part;
      this.unfinished = new AtomicInteger(Math.toIntExact(Math.ceilDiv(items, part)));
    }

    void help(int member) {
      long from = next.getAndAdd(part);
      while (from < items) {
        runPart(member, from);
        from = next.getAndAdd(part);
      }
    }

    private void runPart(int member, long from) {
      try {
        task.run(member, from, Math.min(from + part, items));
      } catch (Throwable e) {
        failure = e;
      } finally {
        if (unfinished.decrementAndGet() == 0) {
          LockSupport.unpark(caller);
        }
      }
    }

    void awaitEnd(int spins) {
      for (int i = 0; i < spins && unfinished.get() > 0; i++) {
        Thread.onSpinWait();
      }
      while (unfinished.get() > 0) {
        LockSupport.park(this);
      }
      switch (failure) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }

  /** A thread of the team other than the caller's. */
  private final class Helper {
    private final int member;
    private final Thread thread;
    private volatile boolean asleep;

    Helper(int member) {
      this.member = member;
      this.thread = new Thread(this::work, "kernels-" + member);
      thread.setDaemon(true);
    }

    void wake() {
      if (asleep) {
        LockSupport.unpark(thread);
      }
    }

    private void work() {
      Call last = null;
      while (!closed) {
        Call call = await(last);
        if (call != null) {
          call.help(member);
        }
        last = call;
      }
    }

    /** The call after {@code last}, or none when the team was closed. */
    private @Nullable Call await(@Nullable Call last) {
      for (int i = 0; i < spins; i++) {
        Call call = current;
        if (call != null && call != last) {
          return call;
        }
        Thread.onSpinWait();
      }
      asleep = true;
      try {
        Call call = current;
        while (!closed && (call == null || call == last)) {
          LockSupport.park(this);
          call = current;
        }
        return call;
      } finally {
        asleep = false;
      }
    }
  }
}
