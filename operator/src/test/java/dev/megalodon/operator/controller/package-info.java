/** The whole operator against a mock API server and a real one. */
@NullMarked
package dev.megalodon.operator.controller;

import org.jspecify.annotations.NullMarked;
