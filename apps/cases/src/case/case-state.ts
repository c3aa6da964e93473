import type { DocumentType, Feature, Stage } from '@casewire/contracts';

import type { CaseDomainEvent, StoredDocument } from './case-domain-event.ts';

export interface Run {
  runId: string;
  stage: Stage;
  status: 'processing' | 'completed' | 'failed';
}

export interface Upload {
  id: string;
  document: StoredDocument;
  classify: boolean;
  features: readonly Feature[];
  targetLanguage: string;
  documentType: DocumentType | null;
  runs: ReadonlyMap<Stage, Run>;
}

export interface CaseState {
  status: 'new' | 'processing' | 'completed' | 'deleted';
  completedBefore: boolean;
  uploads: ReadonlyMap<string, Upload>;
}

export const initialState = (): CaseState => ({
  status: 'new',
  completedBefore: false,
  uploads: new Map(),
});

export function evolve(state: CaseState, event: CaseDomainEvent): CaseState {
  switch (event.type) {
    case 'CaseSubmitted':
      return { ...state, status: 'processing' };
    case 'UploadReceived': {
      const { uploadId: id, document, classify, features, targetLanguage } = event;
      const upload = {
        id,
        document,
        classify,
        features,
        targetLanguage,
        documentType: null,
        runs: new Map(),
      };
      return withUpload({ ...state, status: 'processing' }, upload);
    }
    case 'StageRequested':
      return withRun(state, event.uploadId, {
        runId: event.runId,
        stage: event.stage,
        status: 'processing',
      });
    case 'StageCompleted': {
      const next = withRun(state, event.uploadId, {
        runId: event.runId,
        stage: event.stage,
        status: 'completed',
      });
      const upload = next.uploads.get(event.uploadId);
      if (event.stage !== 'classification' || !upload) return next;
      return withUpload(next, { ...upload, documentType: event.documentType });
    }
    case 'StageFailed':
      return withRun(state, event.uploadId, {
        runId: event.runId,
        stage: event.stage,
        status: 'failed',
      });
    case 'LateResultReceived':
      return state;
    case 'CaseCompleted':
      return { ...state, status: 'completed', completedBefore: true };
    case 'CaseDeleted':
      return { ...state, status: 'deleted' };
  }
}

const withUpload = (state: CaseState, upload: Upload): CaseState => ({
  ...state,
  uploads: new Map(state.uploads).set(upload.id, upload),
});

function withRun(state: CaseState, uploadId: string, run: Run): CaseState {
  const upload = state.uploads.get(uploadId);
  if (!upload) return state;
  return withUpload(state, { ...upload, runs: new Map(upload.runs).set(run.stage, run) });
}

/** The stages to run for an upload: classification if requested, and the features. */
export const requestedStages = ({
  classify,
  features,
}: Pick<Upload, 'classify' | 'features'>): Stage[] => [
  ...(classify ? (['classification'] as const) : []),
  ...features,
];
