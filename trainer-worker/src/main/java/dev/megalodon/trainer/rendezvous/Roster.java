package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Peer;
import java.util.List;

/**
 * Who is in an epoch: every rank of the job, exactly once.
 *
 * @param members in rank order
 */
public record Roster(List<Member> members) {
  /** Checks that ranks count from 0. */
  public Roster {
    members = List.copyOf(members);
    for (int rank = 0; rank < members.size(); rank++) {
      if (members.get(rank).rank() != rank) {
        throw new IllegalArgumentException(
            "rank %d stands at place %d of a roster".formatted(members.get(rank).rank(), rank));
      }
    }
  }

  /** The group for collectives that {@code rank} takes part in. */
  Group group(EpochId epoch, int rank) {
    List<Peer> peers =
        members.stream().map(member -> new Peer(member.endpoint(), member.sessionId())).toList();
    return new Group(epoch.packed(), rank, peers);
  }
}
