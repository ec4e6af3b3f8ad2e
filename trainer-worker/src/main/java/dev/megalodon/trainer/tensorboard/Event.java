package dev.megalodon.trainer.tensorboard;

import java.time.Instant;
import java.util.Map;

/**
 * Makes TensorBoard's {@code Event} messages; field numbers are those of TensorFlow's {@code
 * event.proto} and {@code summary.proto}.
 */
final class Event {
  private static final String VERSION = "brain.Event:2";

  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_NUMBER = 2;

  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;

  private Event() {}

  /** What every file begins with. */
  static byte[] version(Instant time) {
    return event(time).text(FILE_VERSION, VERSION).bytes();
  }

  /** Makes readers forget what earlier files say of this step and of later ones. */
  static byte[] start(Instant time, long step) {
    ProtobufWriter session = new ProtobufWriter().number(SESSION_STATUS, SESSION_START);
    return event(time).number(STEP, step).message(SESSION_LOG, session).bytes();
  }

  /** Numbers of one step by their tags. */
  static byte[] scalars(Instant time, long step, Map<String, Double> numbers) {
    ProtobufWriter summary = new ProtobufWriter();
    numbers.forEach((tag, number) -> summary.message(SUMMARY_VALUE, value(tag, number)));
    return event(time).number(STEP, step).message(SUMMARY, summary).bytes();
  }

  private static ProtobufWriter value(String tag, double number) {
    return new ProtobufWriter().text(VALUE_TAG, tag).number(VALUE_NUMBER, (float) number);
  }

  private static ProtobufWriter event(Instant time) {
    double seconds = time.getEpochSecond() + time.getNano() / 1e9;
    return new ProtobufWriter().number(WALL_TIME, seconds);
  }
}
