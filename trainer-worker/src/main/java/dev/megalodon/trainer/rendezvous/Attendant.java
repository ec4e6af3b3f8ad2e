package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.StepClock;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one member connected to whoever coordinates: one thread dials, listens and dials again;
 * another says every second that this process lives and what it does.
 */
final class Attendant implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Attendant.class);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final Identity own;
  private final RendezvousSettings settings;
  private final Endpoint endpoint;
  private final Attendance attendance;
  private final Contact contact;
  private final StepClock clock;
  private final CoordinatorDialer dialer;
  private final Succession succession;
  private final Thread listening;
  private final ScheduledExecutorService beating;
  private volatile boolean closed;

  Attendant(
      Identity own,
      RendezvousSettings settings,
      Endpoint endpoint,
      Attendance attendance,
      Contact contact,
      StepClock clock) {
    this.own = own;
    this.settings = settings;
    this.endpoint = endpoint;
    this.attendance = attendance;
    this.contact = contact;
    this.clock = clock;
    this.dialer = new CoordinatorDialer(own, settings);
    this.succession =
        new Succession(own, attendance, () -> dialer.newestElsewhere(attendance.link()));
    this.listening = Thread.ofPlatform().daemon().name("rendezvous-member").unstarted(this::run);
    this.beating =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("rendezvous-heartbeat").factory());
  }

  void start() {
    listening.start();
    succession.start(settings);
    long period = settings.heartbeat().toNanos();
    beating.scheduleAtFixedRate(this::beat, period, period, TimeUnit.NANOSECONDS);
  }

  /** Stops talking to the coordinator, which takes it for the end of this process. */
  @Override
  public void close() {
    closed = true;
    beating.shutdownNow();
    succession.close();
    listening.interrupt();
    attendance.link().ifPresent(CoordinatorLink::close);
  }

  private void beat() {
    attendance.link().ifPresent(link -> link.sendOrClose(new Message.Alive(clock.activity())));
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    while (!closed) {
      try (CoordinatorLink link = dialer.dial()) {
        takeSeat(link);
        contact.found(link.coordinatorIncarnation());
        attendance.connected(link);
        pause = SHORTEST_PAUSE;
        listen(link);
      } catch (IOException e) {
        LOG.debug("rank {}: {}", own.rank(), e.getMessage());
        contact.lost(e);
        attendance.disconnected(String.valueOf(e.getMessage()));
      } catch (RuntimeException e) {
        contact.over();
        attendance.fail(e);
        return;
      }
      pause = rest(pause);
    }
  }

  private void takeSeat(CoordinatorLink link) throws IOException {
    link.send(link.handshake().join(own, endpoint));
    switch (link.receive()) {
      case Message.Accepted() -> link.expectWithin(settings.silence());
      case Message.Refused refused -> refused(refused);
      case Message other -> throw new ProtocolException("unexpected after a join: " + other);
    }
  }

  private void listen(CoordinatorLink link) throws IOException {
    while (!closed) {
      switch (link.receive()) {
        case Message.Heartbeat() -> {}
        case Message.Waiting waiting -> attendance.waiting(waiting);
        case Message.Open open -> attendance.open(open);
        case Message.Abort abort -> attendance.abort(abort);
        case Message.AllDone allDone -> attendance.allDone(allDone);
        case Message.Refused refused -> refused(refused);
        case Message other -> throw new ProtocolException("unexpected from rank 0: " + other);
      }
    }
  }

  /**
   * Only a newer incarnation of the own rank is for good. Others may come from a process that
   * merely has rank 0's address, or from a rank 0 of before the number of ranks was changed.
   */
  private static void refused(Message.Refused refused) throws IOException {
    switch (refused.refusal()) {
      case SUPERSEDED -> throw new RendezvousException(ExitCode.LEFT_ON_NOTICE, refused.reason());
      case OTHER_SPEC, NO_SUCH_RANK, OTHER_JOB, UNPROVEN, OTHER_VERSION ->
          throw new IOException("refused: " + refused.reason());
    }
  }

  private Duration rest(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
  }
}
