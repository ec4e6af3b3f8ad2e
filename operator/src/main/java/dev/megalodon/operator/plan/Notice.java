package dev.megalodon.operator.plan;

/**
 * Something to tell people about the job, as a Kubernetes event.
 *
 * @param warning whether it is bad news
 * @param reason one CamelCase word
 * @param message the sentence
 */
public record Notice(boolean warning, String reason, String message) {}
