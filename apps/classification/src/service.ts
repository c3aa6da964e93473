export const start = async (_env: NodeJS.ProcessEnv): Promise<{ stop(): Promise<void> }> => {
  throw new Error('not yet');
};
