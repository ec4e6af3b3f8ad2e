package dev.megalodon.operator.observe;

/**
 * The newest event that the cluster wrote about a pod.
 *
 * @param warning whether something went wrong
 * @param reason one CamelCase word
 * @param message the sentence
 */
public record PodEvent(boolean warning, String reason, String message) {}
