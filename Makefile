# The entry points; what they do is in the scripts they call. `make` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help quickstart test faults soak scale build images cluster cluster-down crds format clean

# embedded: a three-node Kubernetes on this machine; current: the one kubectl talks to.
CLUSTER ?= embedded
# Where to push the images, such as registry.example.org/team; empty: archives in target/images.
PUSH ?=
export CLUSTER PUSH
# What `make faults` and `make soak` take; see e2e-tests/toolchain/run-faults.
export FAULTS OUTAGE_SECONDS JOB_SECONDS MINUTES SEED
# What `make scale` takes; see e2e-tests/toolchain/run-scale.
export JOBS RATE

tools := e2e-tests/toolchain
maven := $(tools)/mvn

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile
	@echo
	@echo '  CLUSTER=current       use the cluster of your current kube context (then PUSH is needed)'
	@echo '  PUSH=REGISTRY/REPO    push the images there (with the credentials of `docker login`)'

quickstart: ## build everything, start a cluster, train a small Megalodon on it and show how it went
	@e2e-tests/quickstart/quickstart

test: ## run every test, those on a real cluster included
	@e2e-tests/toolchain/run-tests

faults: ## every fault once against a job on the embedded cluster, and a table (FAULTS=, OUTAGE_SECONDS=, JOB_SECONDS=)
	@e2e-tests/toolchain/run-faults table

soak: ## random faults against a few jobs (MINUTES=10 SEED=n), and the goodput
	@e2e-tests/toolchain/run-faults soak

scale: ## a thousand jobs of 8 workers that KWOK plays, and what they cost (JOBS=1000 RATE=10)
	@e2e-tests/toolchain/run-scale

build: ## compile and package all modules, without tests
	@$(tools)/build

images: build ## container images as archives in target/images, or pushed with PUSH=REGISTRY/REPO
	$(tools)/build-images $(if $(PUSH),--push $(PUSH))

cluster: ## start the embedded cluster (kubeconfig: .cluster/kubeconfig)
	@e2e-tests/cluster/cluster up

cluster-down: ## stop the embedded cluster and remove what it left, except its volumes
	@e2e-tests/cluster/cluster down

crds: ## write the CRD again after a change of its records (crds/crd and the chart)
	$(maven) -q -pl crds test -Dtest=CrdFileTest -Dcrd.write=true

format: ## format the Java code
	$(maven) -q spotless:apply

clean: ## remove build output (the cluster and its volumes stay)
	$(maven) -q clean
	rm -rf target
