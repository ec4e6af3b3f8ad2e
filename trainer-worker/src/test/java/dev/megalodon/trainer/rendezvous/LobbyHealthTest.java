package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.trainer.parallel.Activity;
import dev.megalodon.trainer.parallel.Activity.State;
import dev.megalodon.trainer.parallel.Activity.Work;
import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.HandTicker;
import dev.megalodon.trainer.parallel.StepTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What the lobby says of missing and stuck ranks; time is moved by hand. */
class LobbyHealthTest {
  private static final Endpoint ENDPOINT = new Endpoint("host", 7071, 1408, "driver");
  private static final Identity OWN =
      new Identity("uid", 0, 3, 1, "spec", JobProcesses.secret("secret of the job"));

  private final HandTicker ticker = new HandTicker();
  private final RollCall rollCall = new RollCall(3, new StuckRule(StuckBounds.DEFAULT), ticker);
  private final List<Lobby.Proposal> proposals = new ArrayList<>();
  private final Lobby lobby =
      new Lobby(OWN, RandomGenerator.of("L64X128MixRandom"), proposals::add, rollCall);
  private final List<Listener> guests = List.of(new Listener(), new Listener(), new Listener());

  /** Keeps what it is told. */
  private static final class Listener implements Guest {
    private final List<Message> heard = new ArrayList<>();

    @Override
    public void send(Message message) {
      heard.add(message);
    }

    @Override
    public void dismiss() {}
  }

  @Test
  void shouldListRanksThatNeverCame() {
    join(0, 1);
    assertEquals(List.of(), rollCall.absent());
    pass(4);
    ready(0);
    pass(3);
    assertEquals(
        List.of(
            new AbsentRank(1, 0, AbsentRank.Cause.NEVER_JOINED, "rank 1 of 3 never joined", 7),
            new AbsentRank(2, 0, AbsentRank.Cause.NEVER_JOINED, "rank 2 of 3 never joined", 7)),
        rollCall.absent());
    join(1, 2);
    assertEquals(List.of(2), absentRanks());
  }

  @Test
  void shouldListNobodyWhileAnEpochIsOpen() {
    openEpoch();
    pass(1000);
    lobby.look();
    assertEquals(List.of(), rollCall.absent());
  }

  @Test
  void shouldSaySinceWhenAndWhyARankIsGone() {
    openEpoch();
    lobby.gone(2, Loss.Cause.SILENT, "rank 2 was silent for 10.0 s");
    assertEquals(List.of(), rollCall.absent());
    ready(0);
    pass(2.5);
    assertEquals(
        List.of(new AbsentRank(2, 3, AbsentRank.Cause.SILENT, "rank 2 was silent for 10.0 s", 2.5)),
        rollCall.absent());
    join(2, 3);
    ready(1);
    ready(2);
    assertEquals(List.of(), rollCall.absent());
    assertEquals(2, proposals.size());
  }

  @Test
  void shouldTellOneThatLeftFromOneThatDied() {
    openEpoch();
    lobby.gone(1, Loss.Cause.LEFT, "rank 1 left on notice: SIGTERM");
    ready(0);
    assertEquals(AbsentRank.Cause.LEFT, rollCall.absent().getFirst().cause());
  }

  @Test
  void shouldEndAnEpochInWhichARankIsStuck() {
    openEpoch();
    lobby.heard(0, activity(State.WAITING, 11));
    lobby.heard(1, activity(State.COMPUTING, 11));
    lobby.look();
    assertEquals(0, losses().size(), "rank 2 was not heard yet");
    lobby.heard(2, activity(State.WAITING, 11));
    lobby.look();
    Loss loss = losses().getFirst();
    assertEquals(Loss.Cause.STUCK, loss.cause());
    ready(0);
    pass(6);
    assertEquals(
        List.of(new AbsentRank(1, 2, AbsentRank.Cause.STUCK, loss.reason(), 6)), rollCall.absent());
    lobby.heard(1, activity(State.COMPUTING, 18));
    lobby.look();
    assertEquals(List.of(1), absentRanks());
    ready(1);
    assertEquals(List.of(), rollCall.absent());
  }

  @Test
  void shouldEndAnEpochInWhichAllWaitForEachOther() {
    openEpoch();
    for (int rank = 0; rank < 3; rank++) {
      lobby.heard(rank, activity(State.WAITING, 21));
    }
    lobby.look();
    assertEquals(Loss.Cause.EXCHANGE_BROKEN, losses().getFirst().cause());
  }

  @Test
  void shouldForgetWhatWasSaidBeforeTheEpoch() {
    openEpoch();
    lobby.heard(2, activity(State.COMPUTING, 500));
    lobby.gone(1, Loss.Cause.DIED, "rank 1 closed its connection");
    ready(0);
    ready(2);
    join(1, 4);
    ready(1);
    lobby.decided(proposals.getLast(), "");
    lobby.heard(0, activity(State.WAITING, 11));
    lobby.heard(1, activity(State.WAITING, 11));
    int before = losses().size();
    lobby.look();
    assertEquals(before, losses().size());
  }

  /** It may load or save for longer than any step takes. */
  @Test
  void shouldListAConnectedRankOnlyWhenItIsOverdue() {
    openEpoch();
    lobby.gone(2, Loss.Cause.DIED, "rank 2 closed its connection");
    ready(0);
    pass(119);
    lobby.look();
    assertEquals(List.of(2), absentRanks());
    pass(2);
    lobby.look();
    assertEquals(List.of(1, 2), absentRanks());
    AbsentRank late = rollCall.absent().getFirst();
    assertEquals(AbsentRank.Cause.STUCK, late.cause());
    assertEquals(121, late.seconds());
  }

  @Test
  void shouldPutTheSlowestRankFirst() {
    openEpoch();
    lobby.heard(0, timed(200, 800));
    lobby.heard(1, timed(900, 100));
    lobby.heard(2, timed(300, 700));
    lobby.look();
    assertEquals(
        List.of(new RankTimes(1, 0.9, 0.1), new RankTimes(2, 0.3, 0.7), new RankTimes(0, 0.2, 0.8)),
        rollCall.times());
    lobby.gone(1, Loss.Cause.DIED, "rank 1 closed its connection");
    assertEquals(List.of(2, 0), rollCall.times().stream().map(RankTimes::rank).toList());
  }

  private void openEpoch() {
    for (int rank = 0; rank < 3; rank++) {
      join(rank, rank + 1);
      ready(rank);
    }
    lobby.decided(proposals.getLast(), "");
    assertInstanceOf(Message.Open.class, guests.getFirst().heard.getLast());
  }

  private void join(int rank, long incarnation) {
    lobby.join(
        guests.get(rank), new Message.Join("uid", rank, incarnation, "spec", ENDPOINT, "proof"));
  }

  private void ready(int rank) {
    EpochId last = proposals.isEmpty() ? EpochId.NONE : proposals.getLast().epoch();
    lobby.ready(rank, new Message.Ready(last, "of this test", ""));
  }

  private void pass(double seconds) {
    ticker.pass(Duration.ofMillis(Math.round(1000 * seconds)));
  }

  private List<Integer> absentRanks() {
    return rollCall.absent().stream().map(AbsentRank::rank).toList();
  }

  private List<Loss> losses() {
    return guests.getFirst().heard.stream()
        .filter(Message.Abort.class::isInstance)
        .map(message -> ((Message.Abort) message).loss())
        .toList();
  }

  private static Activity activity(State state, long quietSeconds) {
    return new Activity(
        state,
        Work.STEP,
        57,
        Duration.ofSeconds(quietSeconds).toNanos(),
        Duration.ofMillis(200).toNanos(),
        StepTimes.NONE);
  }

  private static Activity timed(long computeMillis, long waitMillis) {
    StepTimes times =
        new StepTimes(
            Duration.ofMillis(computeMillis).toNanos(), Duration.ofMillis(waitMillis).toNanos());
    return new Activity(State.COMPUTING, Work.STEP, 57, 0, 0, times);
  }
}
