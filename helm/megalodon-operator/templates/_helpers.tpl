{{/* Name of everything the chart makes in its namespace. */}}
{{- define "megalodon.name" -}}
{{ .Values.nameOverride | default "megalodon-operator" }}
{{- end }}

{{/* Name of what belongs to the whole cluster: two releases in two namespaces do not collide. */}}
{{- define "megalodon.clusterName" -}}
{{ include "megalodon.name" . }}-{{ .Release.Namespace }}
{{- end }}

{{- define "megalodon.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "megalodon.name" .) }}
{{- end }}

{{- define "megalodon.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}

{{- define "megalodon.selector" -}}
app.kubernetes.io/name: megalodon-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The pod of `helm test`, which must not be taken for the operator. */}}
{{- define "megalodon.testSelector" -}}
app.kubernetes.io/name: megalodon-operator-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "megalodon.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: megalodon
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "megalodon.labels" -}}
{{ include "megalodon.selector" . }}
{{ include "megalodon.commonLabels" . }}
app.kubernetes.io/component: operator
{{- end }}

{{/* What the operator may do in a namespace whose jobs it runs. */}}
{{- define "megalodon.rules" -}}
- apiGroups: [training.megalodon.dev]
  resources: [megalodontrainingjobs]
  verbs: [get, list, watch, delete] # delete: ttlSecondsAfterFinished
- apiGroups: [training.megalodon.dev]
  resources: [megalodontrainingjobs/status]
  verbs: [get, patch]
- apiGroups: [training.megalodon.dev]
  resources: [megalodontrainingjobs/finalizers] # to own objects where owner references are checked
  verbs: [update]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, create, delete]
- apiGroups: [""]
  resources: [pods/status] # a lost pod is declared failed, Kueue is told that a pod group ends
  verbs: [get, patch]
- apiGroups: [""]
  resources: [services, configmaps]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [secrets] # made once for each job, never read
  verbs: [create]
- apiGroups: [""]
  resources: [events] # list: those of a pod that is stuck, which say what its status does not
  verbs: [create, list]
{{- range $gang, $group := dict "coscheduling" "scheduling.x-k8s.io" "volcano" "scheduling.volcano.sh" }}
{{- if index $.Values.gangScheduling $gang }}
- apiGroups: [{{ $group }}]
  resources: [podgroups]
  verbs: [create, patch]
{{- end }}
{{- end }}
{{- if eq .Values.progress.mode "proxy" }}
- apiGroups: [""]
  resources: [pods/proxy]
  verbs: [get]
{{- end }}
{{- if .Values.networkPolicy.jobs.enabled }}
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch]
{{- end }}
{{- end }}

{{- define "megalodon.subject" -}}
- kind: ServiceAccount
  name: {{ include "megalodon.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* Who may reach the workers' HTTP port, as JSON: the operator and its clients. */}}
{{- define "megalodon.httpFrom" -}}
{{- $operator := dict
      "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" .Release.Namespace))
      "podSelector" (dict "matchLabels" (include "megalodon.selector" . | fromYaml)) -}}
{{ concat (list $operator) (.Values.networkPolicy.clients | default list) | toJson }}
{{- end }}

{{/* Constraints that spread the replicas over nodes and zones, as far as that is possible. */}}
{{- define "megalodon.spread" -}}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "megalodon.selector" $ | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
