package dev.megalodon.operator.plan;

import java.util.Optional;

/**
 * How a job ends.
 *
 * @param complete whether it reached its last step; otherwise it failed
 * @param reason one CamelCase word
 * @param message the sentence
 * @param fatal the loss that ended it, if one did
 */
record Outcome(boolean complete, String reason, String message, Optional<Loss> fatal) {

  static Outcome failed(String reason, String message) {
    return new Outcome(false, reason, message, Optional.empty());
  }
}
