package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Endpoint;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * How both sides prove that they know the job's secret without saying it: each answers to a random
 * number of the other. The two proofs begin with different words, so neither can be sent back.
 *
 * @param memberNonce the member's random number
 * @param coordinatorNonce the coordinator's random number
 */
record Handshake(String memberNonce, String coordinatorNonce) {
  private static final int NONCE_BYTES = 32;

  /** A random number that was never used. */
  static String nonce(SecureRandom random) {
    byte[] bytes = new byte[NONCE_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The coordinator's answer to a member's hello. */
  Message.Challenge challenge(Identity coordinator) {
    String proof = coordinator.secret().proof(coordinatorParts(coordinator.incarnation()));
    return new Message.Challenge(
        MessageCodec.VERSION, coordinator.incarnation(), coordinatorNonce, proof);
  }

  /** Whether the coordinator knows the secret. */
  boolean proves(JobSecret secret, Message.Challenge challenge) {
    return secret.proves(challenge.proof(), coordinatorParts(challenge.incarnation()));
  }

  /** The member's answer to a coordinator's challenge. */
  Message.Join join(Identity member, Endpoint endpoint) {
    Message.Join unproven =
        new Message.Join(
            member.jobUid(),
            member.rank(),
            member.incarnation(),
            member.specDigest(),
            endpoint,
            "");
    return new Message.Join(
        unproven.jobUid(),
        unproven.rank(),
        unproven.incarnation(),
        unproven.specDigest(),
        endpoint,
        member.secret().proof(memberParts(unproven)));
  }

  /** Whether the member knows the secret and nobody changed what it says. */
  boolean proves(JobSecret secret, Message.Join join) {
    return secret.proves(join.proof(), memberParts(join));
  }

  private List<String> coordinatorParts(long incarnation) {
    return List.of("coordinator", memberNonce, coordinatorNonce, Long.toString(incarnation));
  }

  private List<String> memberParts(Message.Join join) {
    return List.of(
        "member",
        memberNonce,
        coordinatorNonce,
        join.jobUid(),
        Integer.toString(join.rank()),
        Long.toString(join.incarnation()),
        join.specDigest(),
        join.endpoint().toString(),
        Integer.toString(join.endpoint().mtu()),
        join.endpoint().driver());
  }
}
