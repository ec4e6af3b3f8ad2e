package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.faults.Expectation.Charge;
import java.time.Duration;
import java.util.Set;

/**
 * A fault of a whole node that the embedded cluster knows how to bring about.
 *
 * @param name the fault's name
 * @param begin the cluster's name for it
 * @param over the cluster's name for its end
 * @param expectation what must come of it
 * @param hold how long it lasts
 */
record HurtNode(String name, String begin, String over, Expectation expectation, Hold hold)
    implements Fault {

  /** Nobody looks after the node's pods; they go on until the operator gives the node up. */
  static HurtNode kubeletStopped(Duration time) {
    Expectation expectation = Expectation.survived(Charge.UNCHARGED).orUnnoticed();
    return new HurtNode(
        "kubelet stopped", "kubelet-stop", "kubelet-start", expectation, Hold.outage(time));
  }

  /** Nothing reaches the node or comes from it. */
  static HurtNode networkCut(Duration bound) {
    return new HurtNode(
        "node's network cut",
        "network-down",
        "network-up",
        Expectation.survived(Charge.UNCHARGED),
        Hold.untilRecovered(bound));
  }

  /** 200 ms and 5 % of frames lost, in either direction. */
  static HurtNode networkSlow(Duration time) {
    return new HurtNode(
        "200 ms delay and 5 % loss",
        "network-slow", "network-fast", Expectation.unnoticed(), Hold.outage(time));
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return expectation.outcome() == Expectation.Outcome.UNNOTICED
        ? Set.of()
        : scene.ranksOn(scene.victimNode());
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public Injection inject(Scene scene) {
    String node = scene.victimNode();
    scene.cluster().fault(begin, node).successful();
    return Injection.endedBy(() -> scene.cluster().fault(over, node).successful());
  }
}
