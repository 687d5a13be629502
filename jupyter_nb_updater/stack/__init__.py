"""Creates, updates and deletes the stack of the return path with CloudFormation, for administrators."""
