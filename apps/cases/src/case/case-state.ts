import type { DocumentType, Feature, Stage } from '@casewire/contracts';

import type { CaseFact, StoredDocument } from './case-fact.ts';

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

export function evolve(state: CaseState, fact: CaseFact): CaseState {
  switch (fact.type) {
    case 'CaseSubmitted':
      return { ...state, status: 'processing' };
    case 'UploadReceived': {
      const { uploadId: id, document, classify, features, targetLanguage } = fact;
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
      return withRun(state, fact.uploadId, {
        runId: fact.runId,
        stage: fact.stage,
        status: 'processing',
      });
    case 'StageCompleted': {
      const next = withRun(state, fact.uploadId, {
        runId: fact.runId,
        stage: fact.stage,
        status: 'completed',
      });
      const upload = next.uploads.get(fact.uploadId);
      if (fact.stage !== 'classification' || !upload) return next;
      return withUpload(next, { ...upload, documentType: fact.documentType });
    }
    case 'StageFailed':
      return withRun(state, fact.uploadId, {
        runId: fact.runId,
        stage: fact.stage,
        status: 'failed',
      });
    case 'LateOutcomeReceived':
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

/** The stages that were asked for: classification where it is wanted, and the features. */
export const requestedStages = ({
  classify,
  features,
}: Pick<Upload, 'classify' | 'features'>): Stage[] => [
  ...(classify ? (['classification'] as const) : []),
  ...features,
];
