package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.InMemoryHub;
import dev.megalodon.trainer.parallel.PeerLostException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The processes of a job as threads of this one, meeting over real sockets on the loopback. */
final class JobProcesses implements AutoCloseable {
  private static final int BOUND_SECONDS = 30;

  private final InMemoryHub hub = new InMemoryHub();
  private final List<Rendezvous> started = new ArrayList<>();
  private final BlockingQueue<EpochId> decisions = new LinkedBlockingQueue<>();
  private final int worldSize;
  private final RendezvousSettings settings;

  JobProcesses(int worldSize) {
    this(worldSize, Duration.ofMillis(100), Duration.ofSeconds(5));
  }

  JobProcesses(int worldSize, Duration heartbeat, Duration silence) {
    this.worldSize = worldSize;
    this.settings =
        RendezvousSettings.at("localhost")
            .withPort(freePort())
            .withSilence(heartbeat, silence)
            .withRejoin(Duration.ofSeconds(BOUND_SECONDS))
            .withHandshake(Duration.ofSeconds(1));
  }

  RendezvousSettings settings() {
    return settings;
  }

  Identity identity(int rank, long incarnation) {
    return new Identity("uid", rank, worldSize, incarnation, "spec", secret("the job's secret"));
  }

  static JobSecret secret(String text) {
    return new JobSecret(text.repeat(2).getBytes(StandardCharsets.UTF_8));
  }

  Rendezvous start(int rank, long incarnation) {
    return start(identity(rank, incarnation), settings);
  }

  Rendezvous start(Identity identity, RendezvousSettings with) {
    Rendezvous rendezvous =
        Rendezvous.start(
            identity,
            with,
            hub.member("rank-%d-%d".formatted(identity.rank(), identity.incarnation())),
            this::decide);
    started.add(rendezvous);
    return rendezvous;
  }

  /** Joins on a thread of its own. */
  static CompletableFuture<Epoch> joining(Rendezvous rendezvous) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return rendezvous.join();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        JobProcesses::onItsOwnThread);
  }

  /** The common pool has one thread on two cores, where ranks would wait for each other. */
  static void onItsOwnThread(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  /** Joins all and waits until all are in. */
  static List<Epoch> joinAll(Rendezvous... members) throws Exception {
    List<CompletableFuture<Epoch>> joins = new ArrayList<>();
    for (Rendezvous member : members) {
      joins.add(joining(member));
    }
    List<Epoch> epochs = new ArrayList<>();
    for (CompletableFuture<Epoch> join : joins) {
      epochs.add(await(join));
    }
    return epochs;
  }

  static <T> T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw new AssertionError("nothing came within " + BOUND_SECONDS + " s", e);
    }
  }

  /** One sum over all ranks of an epoch; the same on each. */
  static List<Double> sums(List<Epoch> epochs) throws Exception {
    List<CompletableFuture<Double>> sums = new ArrayList<>();
    for (Epoch epoch : epochs) {
      double value = 1 << epoch.collectives().rank();
      sums.add(
          CompletableFuture.supplyAsync(
              () -> epoch.collectives().allReduceSum(value), JobProcesses::onItsOwnThread));
    }
    List<Double> results = new ArrayList<>();
    for (CompletableFuture<Double> sum : sums) {
      results.add(await(sum));
    }
    return results;
  }

  /**
   * Blocks in a barrier until the epoch is lost, and returns why. What a lost rank sent before it
   * was lost may still let one barrier through, but not two.
   */
  static Loss awaitLoss(Epoch epoch) throws Exception {
    for (int barriers = 0; barriers < 2; barriers++) {
      CompletableFuture<Void> barrier =
          CompletableFuture.runAsync(epoch.collectives()::barrier, JobProcesses::onItsOwnThread);
      try {
        await(barrier);
      } catch (PeerLostException e) {
        return lossNamedAfter(e, epoch);
      }
    }
    throw new AssertionError("two barriers with a lost rank went through");
  }

  /** The ring may notice before rank 0 has told everyone who is gone. */
  private static Loss lossNamedAfter(PeerLostException noticed, Epoch epoch) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (epoch.lost().isEmpty() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    return epoch.lost().orElseThrow(() -> noticed);
  }

  /** A TCP port that was free a moment ago. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free TCP port", e);
    }
  }

  /** Epochs that rank 0 was asked to decide on, in order. */
  List<EpochId> decisions() {
    return List.copyOf(decisions);
  }

  @Override
  public void close() {
    started.reversed().forEach(Rendezvous::close);
  }

  private String decide(EpochId epoch, Roster roster, Map<Integer, String> holdings) {
    decisions.add(epoch);
    return "resume " + epoch;
  }
}
