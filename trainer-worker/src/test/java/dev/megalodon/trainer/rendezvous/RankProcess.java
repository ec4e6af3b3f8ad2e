package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.PeerLostException;
import dev.megalodon.trainer.parallel.aeron.AeronNetwork;
import dev.megalodon.trainer.parallel.aeron.AeronSettings;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * One rank as a process of its own: exchanges over and over, checks every result, and says on
 * standard output what happens. It ends when its standard input says so or ends.
 *
 * <p>Arguments: rank, world size, incarnation, TCP port of rank 0, own UDP port, own folder.
 */
final class RankProcess {
  private static final int SLICE_LENGTH = 5_000;
  private static final int WRONG_RESULT = 9;
  private static final long PAUSE_BETWEEN_QUESTIONS_NANOS = 100_000_000;

  private final int worldSize;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Rendezvous rendezvous;

  private RankProcess(int worldSize, Rendezvous rendezvous) {
    this.worldSize = worldSize;
    this.rendezvous = rendezvous;
  }

  public static void main(String[] arguments) throws Exception {
    int rank = Integer.parseInt(arguments[0]);
    int worldSize = Integer.parseInt(arguments[1]);
    long incarnation = Long.parseLong(arguments[2]);
    RendezvousSettings settings =
        RendezvousSettings.at("localhost").withPort(Integer.parseInt(arguments[3]));
    AeronSettings aeron =
        AeronSettings.forPod("127.0.0.1", Integer.parseInt(arguments[4]))
            .withDirectory(Path.of(arguments[5]));
    JobSecret secret = new JobSecret("the secret of this job".getBytes(StandardCharsets.UTF_8));
    Identity identity = new Identity("uid", rank, worldSize, incarnation, "spec", secret);
    try (Network network = AeronNetwork.launch(aeron);
        Rendezvous rendezvous =
            Rendezvous.start(
                identity, settings, network, (epoch, roster, holdings) -> "from " + epoch)) {
      new RankProcess(worldSize, rendezvous).run();
    } catch (RendezvousException e) {
      say("ends: " + e.getMessage());
      System.exit(e.exitCode().code());
    }
  }

  private void run() throws InterruptedException {
    Thread.ofPlatform().daemon().start(this::awaitEndOfInput);
    Thread.ofPlatform().daemon().start(this::sayWhoIsAbsent);
    while (true) {
      Epoch epoch = rendezvous.join();
      say("epoch " + epoch.id() + " " + epoch.resume());
      try {
        exchangeUntilStopped(epoch.collectives());
        say("finished " + rendezvous.finish());
        return;
      } catch (PeerLostException e) {
        say("lost " + epoch.lost().map(Loss::toString).orElseGet(e::toString));
      }
    }
  }

  private void exchangeUntilStopped(Collectives collectives) {
    long round = 0;
    do {
      exchange(collectives, round);
      say("round " + round++);
    } while (!collectives.allReduceOr(stop.get()));
  }

  private void exchange(Collectives collectives, long round) {
    float[] values = new float[worldSize * SLICE_LENGTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(collectives.rank(), round, i);
    }
    Tensor buffer = new Tensor(ElementType.FLOAT32, MemorySegment.ofArray(values), values.length);
    collectives.reduceScatter(buffer);
    collectives.allGather(buffer);
    for (int i = 0; i < values.length; i++) {
      requireSum(values[i], round, i);
    }
  }

  private void requireSum(float actual, long round, int element) {
    float sum = 0;
    for (int rank = 0; rank < worldSize; rank++) {
      sum += value(rank, round, element);
    }
    if (sum != actual) {
      say("wrong: element %d of round %d is %s, not %s".formatted(element, round, actual, sum));
      Runtime.getRuntime().halt(WRONG_RESULT);
    }
  }

  /** Whole numbers, whose sums are exact in any order. */
  private static float value(int rank, long round, int element) {
    return Math.floorMod((rank + 1) * 7919L + round * 104_729L + element * 31L, 10_007L);
  }

  private void awaitEndOfInput() {
    try {
      System.in.read();
    } catch (IOException e) {
      say("no standard input: " + e);
    }
    stop.set(true);
  }

  private void sayWhoIsAbsent() {
    List<String> said = List.of();
    while (true) {
      List<String> absent = rendezvous.absent().stream().map(RankProcess::describe).toList();
      if (!absent.equals(said)) {
        absent.forEach(RankProcess::say);
      }
      said = absent;
      LockSupport.parkNanos(PAUSE_BETWEEN_QUESTIONS_NANOS);
    }
  }

  private static String describe(AbsentRank absent) {
    return "absent rank %d incarnation %d %s: %s"
        .formatted(absent.rank(), absent.incarnation(), absent.cause(), absent.reason());
  }

  private static void say(String text) {
    System.out.println(text);
  }
}
