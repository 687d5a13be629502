"""Creates, updates and deletes the stack of the return path with CloudFormation. For an administrator, not for the instance."""
